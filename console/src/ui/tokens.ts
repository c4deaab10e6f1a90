/** The seven looks of a status: colour, and a glyph, for status is never colour alone. */

export type Token = 'ok' | 'fail' | 'run' | 'ask' | 'ign' | 'wait' | 'term'

export const GLYPHS: Readonly<Record<Token, string>> = { ok: '✓', fail: '✕', run: '▶', ask: '⏸', ign: '–', wait: '◌', term: '■' }
