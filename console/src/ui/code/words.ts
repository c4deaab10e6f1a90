/** What the editor is told: languages, findings. Without the editor itself, which is loaded when it is shown. */

export type CodeLanguage = 'shell' | 'python' | 'perl' | 'powershell' | 'bat' | 'sql' | 'text'

/** What is wrong with a line, counted from 1. */
export interface CodeFinding {
  readonly line: number
  readonly level: 'error' | 'warning' | 'info'
  readonly text: string
  /** Who says so: the name of a rule. */
  readonly source?: string | undefined
}

export interface CodeWords {
  readonly label: string
  /** Says how the keyboard leaves the editor. */
  readonly hint: string
}
