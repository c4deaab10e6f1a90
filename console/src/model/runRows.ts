/** Rows of a list of runs that change in place and never jump. */

export interface Row {
  readonly id: number
}

export interface Merged<R extends Row> {
  /** What is shown: the same runs in the same order, with what they are now. */
  readonly rows: readonly R[]
  /** How many runs came since that are not shown yet. */
  readonly news: number
  /** Runs that are shown and match the filter no more: what is shown of them is what they were. */
  readonly left: ReadonlySet<number>
}

/**
 * Return the rows that are shown with what is known of them now. What came since is counted, not shown: a list must not move under a
 * hand that is about to press. A run that is not in the answer any more keeps what was known of it.
 *
 * @param fresh - The runs of the same filter from the same place on, newest first.
 * @param isToEnd - Whether there is none after them.
 */
export function mergeRows<R extends Row>(shown: readonly R[], fresh: readonly R[], isToEnd = false): Merged<R> {
  const byId = new Map(fresh.map((row) => [row.id, row]))
  const newest = Math.max(0, ...shown.map((row) => row.id))
  const oldest = isToEnd ? 0 : Math.min(...fresh.map((row) => row.id))
  const left = shown.map((row) => row.id).filter((id) => !byId.has(id) && id > oldest)
  return { rows: shown.map((row) => byId.get(row.id) ?? row), news: fresh.filter((row) => row.id > newest).length, left: new Set(left) }
}

export interface Bar {
  readonly at: number
  readonly runs: number
  readonly failed: number
}

/** Return bars for every span of a window, those without a run too, oldest first. */
export function barsOf(since: number, until: number, spanMs: number, spans: readonly Bar[]): Bar[] {
  const byStart = new Map(spans.map((one) => [one.at, one]))
  const bars: Bar[] = []
  for (let at = Math.floor(since / spanMs) * spanMs; at <= until; at += spanMs) bars.push(byStart.get(at) ?? { at, runs: 0, failed: 0 })
  return bars
}
