/** Rows that are chosen by hand, of which a filter may hide some. */

/** Return whether all of those that are shown are chosen; of none, they are not. */
export function areAll(shown: ArrayLike<number>, chosen: ReadonlySet<number>): boolean {
  if (shown.length === 0 || chosen.size < shown.length) return false
  for (let at = 0; at < shown.length; at += 1) if (!chosen.has(shown[at] as number)) return false
  return true
}

/** Return what is chosen once all that are shown are, or are not any more. */
export function withAll(shown: ArrayLike<number>, chosen: ReadonlySet<number>, on: boolean): Set<number> {
  const next = new Set(chosen)
  for (let at = 0; at < shown.length; at += 1) {
    if (on) next.add(shown[at] as number)
    else next.delete(shown[at] as number)
  }
  return next
}

/** Return how many of the chosen ones are not shown. */
export function countHidden(shown: ArrayLike<number>, chosen: ReadonlySet<number>): number {
  let hidden = chosen.size
  if (hidden > 0) for (let at = 0; at < shown.length; at += 1) if (chosen.has(shown[at] as number)) hidden -= 1
  return hidden
}
