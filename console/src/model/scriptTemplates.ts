/** How a script of each language begins well. */

import type { ScriptLanguage } from './scriptForm'

const TEMPLATES: Readonly<Record<ScriptLanguage, string>> = {
  shell: '#!/bin/bash\nset -euo pipefail\n\n',
  python: '#!/usr/bin/env python3\nimport sys\n\n\ndef main() -> int:\n    return 0\n\n\nsys.exit(main())\n',
  perl: '#!/usr/bin/env perl\nuse strict;\nuse warnings;\n\n',
  powershell: "$ErrorActionPreference = 'Stop'\n\n",
  bat: '@echo off\r\nsetlocal\r\n\r\nexit /b 0\r\n',
  sql: 'SELECT 1;\n',
}

/** Return the beginning of a script: it stops at the first mistake, where the language can. */
export function templateOf(language: ScriptLanguage): string {
  return TEMPLATES[language]
}
