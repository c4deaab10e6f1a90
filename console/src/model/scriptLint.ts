/** Findings of the server in a script as the editor shows them. */

import type { CodeFinding } from '@/ui/code/words'

export interface ToldFindings {
  readonly findings: readonly { readonly line: number; readonly level: 'warning' | 'error' | 'fatal'; readonly description: string }[]
  readonly rules: readonly { readonly line: number; readonly expression: string; readonly description: string; readonly action: 'block' | 'record' }[]
}

/** Return findings by line; those of rules say what the rule does, and are told once. */
export function findingsOf(told: ToldFindings, words: { readonly blocks: string; readonly records: string }): CodeFinding[] {
  const rules = told.rules.map((one): CodeFinding => ({
    line: one.line,
    level: one.action === 'block' ? 'error' : 'info',
    text: one.description || one.expression,
    source: one.action === 'block' ? words.blocks : words.records,
  }))
  const own = told.findings.filter((one) => one.level !== 'fatal').map((one): CodeFinding => ({ line: one.line, level: 'warning', text: one.description }))
  return [...rules, ...own].sort((a, b) => a.line - b.line)
}
