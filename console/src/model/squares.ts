// How a square of the grid is drawn: three channels, so that no status is told by colour alone.
//
// Colour: success is muted, failure saturated. Size: what waits is small, what succeeded three quarters, what runs or failed is whole, and a
// failure bleeds into the gap. Glyph: from 9 px on.
import { WORST_FIRST, hostKind, type Token } from './status'

/** From this edge on a glyph can be read. */
export const GLYPH_FROM_PX = 9

const SHARE: Readonly<Record<Token, number>> = { fail: 1, none: 0.85, term: 0.85, ask: 1, ign: 0.85, run: 1, wait: 0.4, ok: 0.75 }

export interface Square {
  /** Distance from the corner of the pitch to the square, and its edge, px. */
  readonly inset: number
  readonly edge: number
}

/** The square of a token at a pitch, whole pixels so that its edges are sharp. */
export function squareOf(token: Token, pitch: number): Square {
  const gap = pitch >= 8 ? 2 : 1
  if (token === 'fail') return { inset: 0, edge: pitch - (pitch >= 8 ? 1 : 0) }
  const edge = Math.max(1, Math.round((pitch - gap) * SHARE[token]))
  return { inset: Math.floor((pitch - edge) / 2), edge }
}

/** The worst kind (index in WORST_FIRST) of each square: `order` gives the host at a position, `cut` where squares begin. */
export function worstKinds(status: ArrayLike<number>, order: ArrayLike<number>, cut: ArrayLike<number>): Uint8Array {
  const many = Math.max(0, cut.length - 1)
  const kinds = new Uint8Array(many)
  for (let cell = 0; cell < many; cell += 1) {
    let worst = WORST_FIRST.length - 1
    for (let place = cut[cell] as number; place < (cut[cell + 1] as number); place += 1) {
      worst = Math.min(worst, hostKind(status[order[place] as number] as number))
    }
    kinds[cell] = worst
  }
  return kinds
}
