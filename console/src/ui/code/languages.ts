/** The languages of scripts, as the editor reads them. */

import { StreamLanguage } from '@codemirror/language'
import { perl } from '@codemirror/legacy-modes/mode/perl'
import { powerShell } from '@codemirror/legacy-modes/mode/powershell'
import { python } from '@codemirror/legacy-modes/mode/python'
import { shell } from '@codemirror/legacy-modes/mode/shell'
import type { Extension } from '@codemirror/state'
import { bat } from './bat'
import { sql } from './sql'
import type { CodeLanguage } from './words'

const LANGUAGES: Record<CodeLanguage, () => Extension> = {
  shell: () => StreamLanguage.define(shell),
  python: () => StreamLanguage.define(python),
  perl: () => StreamLanguage.define(perl),
  powershell: () => StreamLanguage.define(powerShell),
  bat: () => StreamLanguage.define(bat),
  sql: () => StreamLanguage.define(sql),
  text: () => [],
}

/** Return what makes the editor read a language. */
export function languageOf(name: CodeLanguage): Extension {
  return LANGUAGES[name]()
}
