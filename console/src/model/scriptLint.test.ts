import { expect, it } from 'vitest'
import { findingsOf } from './scriptLint'

it('tells hits of rules once, with what they do', () => {
  const told = {
    findings: [
      { line: 3, level: 'fatal' as const, description: 'rm' },
      { line: 1, level: 'warning' as const, description: 'no shebang' },
    ],
    rules: [
      { line: 3, expression: 'rm', description: '', action: 'block' as const },
      { line: 2, expression: 'x', description: 'noted', action: 'record' as const },
    ],
  }
  expect(findingsOf(told, { blocks: 'blocks', records: 'is noted' })).toEqual([
    { line: 1, level: 'warning', text: 'no shebang' },
    { line: 2, level: 'info', text: 'noted', source: 'is noted' },
    { line: 3, level: 'error', text: 'rm', source: 'blocks' },
  ])
})
