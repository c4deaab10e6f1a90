// Bars of a run along time: steps × batches × attempts, with idle gaps folded so that ten seconds of work beside a night of waiting show.
import type { Token } from './status'

export interface Bar {
  readonly stepId: number
  readonly batch: number
  readonly attempt: number
  /** Epoch ms; a bar without an end reaches to now. */
  readonly startedAt: number
  readonly endedAt: number | null
  readonly token: Token
}

/** A piece of time that is drawn; a folded one is narrow and says how long it was. */
export interface Piece {
  readonly from: number
  readonly to: number
  readonly folded: boolean
  /** Where it is drawn, as shares of the width. */
  readonly left: number
  readonly width: number
}

export interface Axis {
  readonly pieces: readonly Piece[]
  readonly from: number
  readonly to: number
}

const FOLDED_SHARE = 0.04
// A gap is folded when it is longer than this share of the time in which something ran, and than this many ms.
const IDLE_SHARE = 0.15
const IDLE_MS = 5_000

/** Make the axis of bars; `now` ends those that have no end. */
export function makeAxis(bars: readonly Bar[], now: number): Axis {
  const busy = busyTimes(bars, now)
  const [first, last] = [busy[0], busy.at(-1)]
  if (first === undefined || last === undefined) return { pieces: [], from: now, to: now }
  const total = busy.reduce((sum, [from, to]) => sum + to - from, 0)
  return { pieces: placed(cut(busy, Math.max(IDLE_MS, total * IDLE_SHARE))), from: first[0], to: last[1] }
}

type Span = readonly [from: number, to: number]

function busyTimes(bars: readonly Bar[], now: number): Span[] {
  const spans = bars.map((bar): Span => [bar.startedAt, Math.max(bar.startedAt + 1, bar.endedAt ?? now)]).sort((a, b) => a[0] - b[0])
  const joined: Span[] = []
  for (const span of spans) {
    const last = joined.at(-1)
    if (last !== undefined && span[0] <= last[1]) joined[joined.length - 1] = [last[0], Math.max(last[1], span[1])]
    else joined.push(span)
  }
  return joined
}

type Cut = Pick<Piece, 'from' | 'to' | 'folded'>

function cut(busy: readonly Span[], longest: number): Cut[] {
  const cuts: Cut[] = []
  for (const [from, to] of busy) {
    const last = cuts.at(-1)
    if (last === undefined) cuts.push({ from, to, folded: false })
    else if (from - last.to > longest) cuts.push({ from: last.to, to: from, folded: true }, { from, to, folded: false })
    else cuts[cuts.length - 1] = { from: last.from, to, folded: false }
  }
  return cuts
}

function placed(cuts: readonly Cut[]): Piece[] {
  const gaps = cuts.filter((piece) => piece.folded).length
  const share = gaps === 0 ? 0 : Math.min(FOLDED_SHARE, 0.4 / gaps)
  const open = cuts.filter((piece) => !piece.folded).reduce((sum, piece) => sum + piece.to - piece.from, 0)
  const pieces: Piece[] = []
  let left = 0
  for (const piece of cuts) {
    const width = piece.folded ? share : ((piece.to - piece.from) / open) * (1 - gaps * share)
    pieces.push({ ...piece, left, width })
    left += width
  }
  return pieces
}

/** Where a moment is on the axis, as a share of its width from 0 to 1. */
export function placeOf(axis: Axis, moment: number): number {
  const piece = axis.pieces.find((one) => moment <= one.to) ?? axis.pieces.at(-1)
  if (piece === undefined) return 0
  const inside = Math.min(1, Math.max(0, (moment - piece.from) / (piece.to - piece.from)))
  return piece.left + inside * piece.width
}

/** Moments to write at the axis: at most `most`, at round times, none in a folded gap. */
export function ticks(axis: Axis, most: number): number[] {
  const open = axis.pieces.filter((piece) => !piece.folded)
  const total = open.reduce((sum, piece) => sum + piece.to - piece.from, 0)
  const step = ROUND_MS.find((one) => total / one <= Math.max(1, most - open.length)) ?? Math.ceil(total / most)
  const round = open.flatMap((piece) => roundMoments(piece, step))
  // What is over before a round moment comes has its beginning at least.
  return round.length ? round : open.slice(0, 1).map((piece) => piece.from)
}

const [S, M, H] = [1_000, 60_000, 3_600_000]
const ROUND_MS = [S, 2 * S, 5 * S, 10 * S, 15 * S, 30 * S, M, 2 * M, 5 * M, 10 * M, 15 * M, 30 * M, H, 2 * H, 6 * H, 12 * H, 24 * H]

function roundMoments(piece: Piece, step: number): number[] {
  const moments: number[] = []
  for (let moment = Math.ceil(piece.from / step) * step; moment <= piece.to; moment += step) moments.push(moment)
  return moments
}

export interface PlacedBar extends Bar {
  /** The row that it is drawn in, so that no two overlap, and where, as shares of the width. */
  readonly lane: number
  readonly left: number
  readonly width: number
}

/** Put bars on an axis: what runs at the same time stands in lanes below each other. */
export function placeBars(bars: readonly Bar[], axis: Axis, now: number): PlacedBar[] {
  const ends: number[] = []
  return [...bars]
    .sort((a, b) => a.startedAt - b.startedAt || a.batch - b.batch)
    .map((bar) => {
      const end = Math.max(bar.startedAt + 1, bar.endedAt ?? now)
      const free = ends.findIndex((before) => before <= bar.startedAt)
      const lane = free < 0 ? ends.length : free
      ends[lane] = end
      const left = placeOf(axis, bar.startedAt)
      return { ...bar, lane, left, width: placeOf(axis, end) - left }
    })
}
