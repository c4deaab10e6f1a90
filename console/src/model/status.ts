// What each status code of the API looks like: the word's key, the colour's token, and the glyph.
//
// The server decides what a status means and what may be done; this says only how it is shown. A code that nobody knows is neutral and
// shows its number, so that a newer server never makes an older page lie.
import type { Glyph } from './glyphs'

export type Token = 'ok' | 'fail' | 'run' | 'ask' | 'ign' | 'wait' | 'term' | 'none'

export interface Face {
  /** Key of the word in the catalogs; `status.unknown` takes `code`. */
  readonly key: string
  readonly token: Token
  readonly glyph: Glyph
  readonly code: number
}

/** The statuses of runs and steps by the names that the API gives them. */
export const RUN = {
  pending: 1, running: 2, succeeded: 3, failed: 4, skipped: 5, ignored: 6, waiting: 7, terminated: 8, abnormal: 9, stopping: 10, stopped: 11, rejected: 13, abandoned: 14,
  between_batches: 15,
} as const

/** Of hosts: before it has begun. */
export const HOST_WAITING = 5
const HOST_RUNNING = 7

const GLYPH_OF: Readonly<Record<Token, Glyph>> = {
  ok: 'check',
  fail: 'cross',
  run: 'play',
  ask: 'pause',
  ign: 'dash',
  wait: 'ring',
  term: 'stop',
  none: 'question',
}

export const RUN_TOKENS: Readonly<Record<number, Token>> = {
  1: 'wait',
  2: 'run',
  3: 'ok',
  4: 'fail',
  5: 'ok',
  6: 'ign',
  7: 'ask',
  8: 'term',
  9: 'fail',
  10: 'run',
  11: 'term',
  13: 'term',
  14: 'term',
  15: 'ask',
}

export const HOST_TOKENS: Readonly<Record<number, Token>> = {
  0: 'fail',
  1: 'fail',
  2: 'fail',
  3: 'ok',
  5: 'wait',
  7: 'run',
  9: 'ok',
  11: 'fail',
  12: 'fail',
  13: 'fail',
  15: 'fail',
  16: 'fail',
  17: 'fail',
  18: 'fail',
  101: 'fail',
  102: 'fail',
  103: 'term',
  104: 'fail',
  202: 'fail',
  203: 'fail',
  301: 'fail',
  303: 'fail',
  310: 'fail',
  311: 'fail',
  312: 'fail',
  320: 'fail',
  321: 'fail',
  329: 'fail',
  399: 'fail',
  403: 'term',
  404: 'fail',
  500: 'fail',
}

/** How the status of a run or of a step is shown. */
export function runFace(code: number): Face {
  return face(code, RUN_TOKENS[code], 'run', code === RUN.skipped ? 'skip' : undefined)
}

/** How the status of a host in a step is shown. */
export function hostFace(code: number): Face {
  return face(code, HOST_TOKENS[code], 'host')
}

function face(code: number, token: Token | undefined, kind: string, glyph?: Glyph): Face {
  if (token === undefined) return { key: 'status.unknown', token: 'none', glyph: GLYPH_OF.none, code }
  return { key: `status.${kind}.${code}`, token, glyph: glyph ?? GLYPH_OF[token], code }
}

export function glyphOf(token: Token): Glyph {
  return GLYPH_OF[token]
}

/** Tokens of hosts from the worst to the best: the order of chips, of sorting by status, and of which cell covers which. */
export const WORST_FIRST: readonly Token[] = ['fail', 'none', 'term', 'ask', 'ign', 'run', 'wait', 'ok']

const SEVERITY = new Map<Token, number>(WORST_FIRST.map((token, place) => [token, WORST_FIRST.length - place]))

/** How bad a token is: greater is worse, never 0. */
export function severity(token: Token): number {
  return SEVERITY.get(token) ?? 0
}

/** Index in WORST_FIRST of a host's status: small numbers for typed arrays. */
export function hostKind(code: number): number {
  return KINDS.get(code) ?? NEUTRAL
}

const NEUTRAL = WORST_FIRST.indexOf('none')
const KINDS = new Map(Object.entries(HOST_TOKENS).map(([code, token]) => [Number(code), WORST_FIRST.indexOf(token)]))

/** Words of the API: the statuses of runs that are at work, and of those that are broken, as lists of runs are asked for them. */
export const AT_WORK = 'running,stopping,between_batches'
export const BROKEN = 'failed,abnormal'
export const OPEN = 'pending,running,waiting,stopping,between_batches'

/** Whether a host that has this status still changes by itself. */
export function isOpen(code: number): boolean {
  return code === HOST_WAITING || code === HOST_RUNNING
}

const OPEN_RUNS: ReadonlySet<number> = new Set([RUN.pending, RUN.running, RUN.waiting, RUN.stopping, RUN.between_batches])

/** Whether a run or step that has this status still changes; one that nobody knows is taken for over. */
export function isRunOpen(code: number): boolean {
  return OPEN_RUNS.has(code)
}
