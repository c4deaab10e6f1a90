/** The looks of a status: colour, and a glyph, for status is never colour alone. */

import type { Token } from '@/model/status'

export type { Token } from '@/model/status'

export const GLYPHS: Readonly<Record<Token, string>> = { ok: '✓', fail: '✕', run: '▶', ask: '‖', ign: '–', wait: '◌', term: '■', none: '?' }
