/**
 * The lines of one log that a page holds: read in blocks, dropped again where there are too many. Of a log of up to `KEPT_LINES` all
 * lines are kept; of a longer one those around what is looked at.
 */

export const BLOCK_LINES = 1_000
export const KEPT_LINES = 200_000
const KEPT_BLOCKS = KEPT_LINES / BLOCK_LINES

/** Columns of lines, as the server gives them. */
export interface LineColumns {
  readonly number: readonly number[]
  readonly text: readonly string[]
  readonly stream: readonly number[]
  readonly at: readonly number[]
  readonly cut: readonly { readonly line: number; readonly cut_bytes: number }[]
  readonly total_lines: number
}

export interface LogLine {
  readonly number: number
  readonly text: string
  /** 1 standard output, 2 standard error, 3 both. */
  readonly stream: number
  /** Epoch milliseconds, 0 when nobody knows. */
  readonly at: number
  readonly cutBytes: number
}

interface Block {
  readonly text: (string | undefined)[]
  readonly stream: Uint8Array
  readonly at: Float64Array
  readonly cut: Map<number, number>
  filled: number
  /** All texts as one, for searching; made when it is wanted, until a line changes. */
  whole?: { readonly isSmall: boolean; readonly text: string }
}

export class LogLines {
  total = 0
  private blocks = new Map<number, Block>()

  /** Whether every line is here. */
  get isWhole(): boolean {
    if (this.total > KEPT_LINES) return false
    for (let block = 0; block * BLOCK_LINES < this.total; block += 1) if (!this.isFull(block)) return false
    return true
  }

  /** Return a line by its number from 1, or nothing while it is not here. */
  line(number: number): LogLine | undefined {
    const text = this.text(number)
    if (text === undefined) return undefined
    const block = this.blocks.get(blockOf(number)) as Block
    const at = (number - 1) % BLOCK_LINES
    return { number, text, stream: block.stream[at] as number, at: block.at[at] as number, cutBytes: block.cut.get(at) ?? 0 }
  }

  text(number: number): string | undefined {
    return this.blocks.get(blockOf(number))?.text[(number - 1) % BLOCK_LINES]
  }

  /** Take lines; those that are here already are put anew, for the last one of a running log may have grown. */
  put(columns: LineColumns): void {
    this.total = columns.total_lines
    columns.number.forEach((number, index) => {
      const block = this.blockFor(blockOf(number))
      const at = (number - 1) % BLOCK_LINES
      if (block.text[at] === undefined) block.filled += 1
      block.text[at] = columns.text[index] as string
      block.stream[at] = columns.stream[index] as number
      block.at[at] = columns.at[index] as number
      block.cut.delete(at)
      delete block.whole
    })
    for (const { line, cut_bytes } of columns.cut) {
      const number = columns.number[line] as number
      this.blockFor(blockOf(number)).cut.set((number - 1) % BLOCK_LINES, cut_bytes)
    }
  }

  /** Give the texts block by block, each as (number of its first line, its lines parted by line ends), in small letters if asked. */
  *wholes(isSmall: boolean): Generator<readonly [first: number, text: string]> {
    for (let first = 1; first <= this.total; first += BLOCK_LINES) {
      const block = this.blocks.get(blockOf(first))
      if (!block) continue
      if (block.whole?.isSmall !== isSmall) {
        const text = block.text.join('\n')
        block.whole = { isSmall, text: isSmall ? text.toLowerCase() : text }
      }
      yield [first, block.whole.text]
    }
  }

  /** Return (first line, count) of what is missing between two lines, at most `most` lines. */
  missing(first: number, last: number, most: number): [number, number] | undefined {
    const end = Math.min(last, this.total)
    let from = Math.max(1, first)
    while (from <= end && this.text(from) !== undefined) from += this.isFull(blockOf(from)) ? BLOCK_LINES - ((from - 1) % BLOCK_LINES) : 1
    if (from > end) return undefined
    let to = from
    while (to < end && to - from + 1 < most && this.text(to + 1) === undefined) to += 1
    return [from, to - from + 1]
  }

  /** Drop the blocks that are furthest from a line, until no more are kept than should be. */
  trim(around: number): void {
    if (this.blocks.size <= KEPT_BLOCKS) return
    const here = blockOf(around)
    const far = [...this.blocks.keys()].sort((a, b) => Math.abs(b - here) - Math.abs(a - here))
    for (const block of far.slice(0, this.blocks.size - KEPT_BLOCKS)) this.blocks.delete(block)
  }

  private isFull(block: number): boolean {
    const size = Math.min(BLOCK_LINES, this.total - block * BLOCK_LINES)
    return (this.blocks.get(block)?.filled ?? 0) >= size
  }

  private blockFor(block: number): Block {
    const found = this.blocks.get(block)
    if (found) return found
    const made = { text: [], stream: new Uint8Array(BLOCK_LINES), at: new Float64Array(BLOCK_LINES), cut: new Map(), filled: 0 }
    this.blocks.set(block, made)
    return made
  }
}

/**
 * Return the texts of lines, those that are not here as `read` (first line, count) gives them.
 *
 * @throws RangeError: some of them are nowhere any more. And what `read` throws.
 */
export async function textsOf(held: LogLines, { first, last }: LineRange, read: (first: number, count: number) => Promise<LineColumns>): Promise<string[]> {
  const texts: string[] = []
  while (first + texts.length <= last) {
    const next = first + texts.length
    const here = held.text(next)
    const told = here === undefined ? (await read(next, last - next + 1)).text : [here]
    if (told.length === 0) throw new RangeError(`line ${next} is not there`)
    // One by one: so many arguments at once are more than some browsers take.
    for (const text of told) texts.push(text)
  }
  return texts
}

const blockOf = (number: number) => Math.floor((number - 1) / BLOCK_LINES)

/** Where a text is in a log, as the page or the server has found it. */
export interface Hits {
  /** True counts, whatever is listed. */
  readonly matches: number
  readonly matchingLines: number
  /** The numbers of matching lines, in order: all, or the first ones. */
  readonly lines: readonly number[]
  /** Places by line number, where the server told them; else they are found in the line when it is shown. */
  readonly spans: ReadonlyMap<number, readonly (readonly [number, number])[]>
  /** False when the search was ended before the end of the log. */
  readonly isComplete: boolean
}

export const NO_HITS: Hits = { matches: 0, matchingLines: 0, lines: [], spans: new Map(), isComplete: true }

/** Find a text in a log all of which is here: a thousand lines at a time, for most lines do not have it. */
export function findHere(lines: LogLines, text: string, matchCase: boolean): Hits {
  const found: number[] = []
  let matches = 0
  const needle = matchCase ? text : text.toLowerCase()
  if (needle === '' || needle.includes('\n')) return NO_HITS
  for (const [first, here] of lines.wholes(!matchCase)) {
    let [number, end] = [first, here.indexOf('\n')]
    for (let at = here.indexOf(needle); at >= 0; at = here.indexOf(needle, at + needle.length)) {
      matches += 1
      for (; end >= 0 && end < at; end = here.indexOf('\n', end + 1)) number += 1
      if (found.at(-1) !== number) found.push(number)
    }
  }
  return { matches, matchingLines: found.length, lines: found, spans: new Map(), isComplete: true }
}

/** Return where a text is in a line. */
export function placesOf(line: string, text: string, matchCase: boolean): [number, number][] {
  if (!text) return []
  const [here, needle] = matchCase ? [line, text] : [line.toLowerCase(), text.toLowerCase()]
  const places: [number, number][] = []
  if (here.length !== line.length) return places // a letter whose small form is longer: better no mark than a wrong one
  for (let at = here.indexOf(needle); at >= 0 && places.length < 100; at = here.indexOf(needle, at + needle.length)) places.push([at, at + needle.length])
  return places
}

/** Return the numbers of lines to show when only matches and so many lines around each are wanted. */
export function withContext(lines: readonly number[], context: number, total: number): number[] {
  const found: number[] = []
  for (const line of lines) {
    for (let number = Math.max(1, line - context, (found.at(-1) ?? 0) + 1); number <= Math.min(total, line + context); number += 1) found.push(number)
  }
  return found
}

/** Return the place in `lines` of the next match after (or before) a line, around the end; -1 when there is none. */
export function nextHit(lines: readonly number[], current: number, by: 1 | -1): number {
  if (lines.length === 0) return -1
  if (by > 0) {
    const at = lines.findIndex((line) => line > current)
    return at < 0 ? 0 : at
  }
  const at = lines.findLastIndex((line) => line < current)
  return at < 0 ? lines.length - 1 : at
}

/** Lines that an address names: `#L10` or `#L10-L20`. */
export interface LineRange {
  readonly first: number
  readonly last: number
}

export function parseRange(hash: string): LineRange | undefined {
  const found = /^#?L(\d{1,12})(?:-L?(\d{1,12}))?$/.exec(hash)
  if (!found) return undefined
  const [a, b] = [Number(found[1]), Number(found[2] ?? found[1])]
  return a < 1 || b < 1 ? undefined : { first: Math.min(a, b), last: Math.max(a, b) }
}

export function writeRange(range: LineRange | undefined): string {
  if (!range) return ''
  return range.first === range.last ? `#L${range.first}` : `#L${range.first}-L${range.last}`
}
