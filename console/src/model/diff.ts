/**
 * What differs between two texts, line by line (Myers' way through the shortest edit script), and word by word within changed lines.
 * Bounded: where two texts have too little in common, the rest is said to be different as a whole rather than looked at for ever.
 */

export type RowKind = 'same' | 'gone' | 'new'

export interface Row {
  readonly kind: RowKind
  /** Numbers from 1; 0 where the side has no such line. */
  readonly left: number
  readonly right: number
  readonly text: string
}

export interface Difference {
  readonly rows: readonly Row[]
  readonly gone: number
  readonly added: number
  /** False where the two were too different to be compared to the end. */
  readonly isExact: boolean
}

/** So many lines may come and go before the rest counts as different. */
export const MAX_EDITS = 2_000

/** Return the lines of a text; a line end at the end of it begins no line. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line))
}

/** Compare two texts by lines. */
export function diffTexts(left: string, right: string, maxEdits = MAX_EDITS): Difference {
  return diffLines(linesOf(left), linesOf(right), maxEdits)
}

/** Compare two lists of lines. */
export function diffLines(left: readonly string[], right: readonly string[], maxEdits = MAX_EDITS): Difference {
  let head = 0
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1
  let tail = 0
  while (tail < left.length - head && tail < right.length - head && left[left.length - 1 - tail] === right[right.length - 1 - tail]) tail += 1
  const [a, b] = numbered(left.slice(head, left.length - tail), right.slice(head, right.length - tail))
  const { pairs, isExact } = shortestEdit(a, b, maxEdits)
  const rows: Row[] = []
  let [i, j] = [0, 0]
  const same = () => rows.push({ kind: 'same', left: ++i, right: ++j, text: left[i - 1] as string })
  const upTo = (endLeft: number, endRight: number) => {
    while (i < endLeft) rows.push({ kind: 'gone', left: ++i, right: 0, text: left[i - 1] as string })
    while (j < endRight) rows.push({ kind: 'new', left: 0, right: ++j, text: right[j - 1] as string })
  }
  while (i < head) same()
  for (const [x, y] of pairs) {
    upTo(head + x, head + y)
    same()
  }
  upTo(left.length - tail, right.length - tail)
  while (i < left.length) same()
  return { rows, gone: rows.filter((row) => row.kind === 'gone').length, added: rows.filter((row) => row.kind === 'new').length, isExact }
}

// Equal lines get equal numbers: comparing numbers is quick however long lines are.
function numbered(left: readonly string[], right: readonly string[]): [Int32Array, Int32Array] {
  const known = new Map<string, number>()
  const number = (line: string) => {
    const found = known.get(line)
    if (found !== undefined) return found
    known.set(line, known.size)
    return known.size - 1
  }
  return [Int32Array.from(left, number), Int32Array.from(right, number)]
}

interface Edit {
  readonly pairs: readonly (readonly [number, number])[]
  readonly isExact: boolean
}

// Myers, «An O(ND) Difference Algorithm and Its Variations»: the furthest one gets on each diagonal with d edits.
function shortestEdit(a: Int32Array, b: Int32Array, maxEdits: number): Edit {
  const most = Math.min(a.length + b.length, maxEdits)
  const reached: Int32Array[] = []
  let furthest = new Int32Array(3)
  for (let d = 0; d <= most; d += 1) {
    const next = new Int32Array(2 * d + 3)
    for (let k = -d; k <= d; k += 2) {
      let x = d === 0 ? 0 : step(furthest, d - 1, k)
      let y = x - k
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1
        y += 1
      }
      next[k + d + 1] = x
      if (x >= a.length && y >= b.length) return { pairs: walkBack([...reached, next], a.length, b.length), isExact: true }
    }
    reached.push(next)
    furthest = next
  }
  const [x, y] = furthestOf(furthest, most, a.length, b.length)
  return { pairs: walkBack(reached, x, y), isExact: false }
}

const at = (row: Int32Array, d: number, k: number) => (k < -d || k > d ? -1 : (row[k + d + 1] as number))

// One edit from the diagonals beside: down from above (a line that is new), or right from below (a line that is gone).
function step(before: Int32Array, d: number, k: number): number {
  const [down, right] = [at(before, d, k + 1), at(before, d, k - 1)]
  return right < down ? down : right + 1
}

function furthestOf(row: Int32Array, d: number, endA: number, endB: number): [number, number] {
  let best: [number, number] = [0, 0]
  for (let k = -d; k <= d; k += 2) {
    const x = Math.min(at(row, d, k), endA)
    const y = x - k
    if (y >= 0 && y <= endB && x + y > best[0] + best[1]) best = [x, y]
  }
  return best
}

function walkBack(reached: readonly Int32Array[], endX: number, endY: number): [number, number][] {
  const pairs: [number, number][] = []
  let [x, y] = [endX, endY]
  for (let d = reached.length - 1; d >= 0; d -= 1) {
    const k = x - y
    const start = d === 0 ? 0 : step(reached[d - 1] as Int32Array, d - 1, k)
    while (x > start && y > start - k) pairs.push([--x, --y])
    if (d === 0) break
    const down = at(reached[d - 1] as Int32Array, d - 1, k + 1)
    const right = at(reached[d - 1] as Int32Array, d - 1, k - 1)
    if (right < down) y -= 1
    else x -= 1
  }
  return pairs.reverse()
}

export interface Fold {
  readonly kind: 'fold'
  readonly rows: readonly Row[]
}

/** Fold equal lines that are further than `context` from a change; folds shorter than four lines are not worth it. */
export function folded(rows: readonly Row[], context = 3): (Row | Fold)[] {
  const near = new Uint8Array(rows.length)
  rows.forEach((row, index) => {
    if (row.kind === 'same') return
    near.fill(1, Math.max(0, index - context), Math.min(rows.length, index + context + 1))
  })
  const found: (Row | Fold)[] = []
  let index = 0
  while (index < rows.length) {
    let end = index
    while (end < rows.length && !near[end]) end += 1
    if (end - index > 3) found.push({ kind: 'fold', rows: rows.slice(index, end) })
    else found.push(...rows.slice(index, end))
    index = end
    while (index < rows.length && near[index]) found.push(rows[index++] as Row)
  }
  return found
}

export interface Pair {
  readonly left: Row | undefined
  readonly right: Row | undefined
}

/** Put rows side by side: lines that are gone beside those that came in their place. */
export function sideBySide(rows: readonly (Row | Fold)[]): (Pair | Fold)[] {
  const found: (Pair | Fold)[] = []
  let [gone, added]: [Row[], Row[]] = [[], []]
  const flush = () => {
    for (let index = 0; index < Math.max(gone.length, added.length); index += 1) found.push({ left: gone[index], right: added[index] })
    ;[gone, added] = [[], []]
  }
  for (const row of rows) {
    if (row.kind === 'gone') gone.push(row)
    else if (row.kind === 'new') added.push(row)
    else {
      flush()
      found.push(row.kind === 'fold' ? row : { left: row, right: row })
    }
  }
  flush()
  return found
}

export interface Piece {
  readonly text: string
  readonly changed: boolean
}

const MAX_WORDS = 400

/** Return two changed lines in pieces, those marked that differ; lines with too many words are one piece. */
export function wordPieces(left: string, right: string): [Piece[], Piece[]] {
  const [a, b] = [words(left), words(right)]
  if (a.length > MAX_WORDS || b.length > MAX_WORDS) return [[{ text: left, changed: true }], [{ text: right, changed: true }]]
  const rows = diffLines(a, b).rows
  return [joined(rows, 'gone'), joined(rows, 'new')]
}

const words = (line: string) => line.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? []

function joined(rows: readonly Row[], kind: RowKind): Piece[] {
  const pieces: { text: string; changed: boolean }[] = []
  for (const row of rows) {
    if (row.kind !== 'same' && row.kind !== kind) continue
    const changed = row.kind === kind
    const last = pieces.at(-1)
    if (last?.changed === changed) last.text += row.text
    else pieces.push({ text: row.text, changed })
  }
  return pieces
}
