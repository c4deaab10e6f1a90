/** When moments to come are to be asked for again: they become the past while somebody looks at them. */

const LEAST_MS = 2_000
/** A moment that is past for longer than this is not late: the clock here is ahead of the server's, so that each answer would be past. */
const LATE_MS = 5_000
const AHEAD_MS = 30_000
const MOST_MS = 3_600_000

/** Return in how many milliseconds to ask again: when the first moment has passed; never where none is to come. */
export function askAgainIn(times: readonly number[], now: number): number | false {
  const [first] = times
  if (first === undefined) return false
  return first < now - LATE_MS ? AHEAD_MS : Math.min(MOST_MS, Math.max(LEAST_MS, first - now + 500))
}
