/** Runs by day, in the zone of whoever looks. */

export interface Span { readonly at: number; readonly runs: number; readonly failed: number }
export interface Day extends Span { readonly label: string; readonly until: number }

const HOUR = 3_600_000

/** Return the last days, oldest first, each with its runs; `at` and `until` are the day's bounds as far as hours go. */
export function byDay(spans: readonly Span[], now: number, count: number, zone: string): Day[] {
  const name = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const days = new Map<string, { at: number; until: number; runs: number; failed: number }>()
  // Hours, not days of 24: where clocks change, a day has 23 or 25 of them.
  for (let at = Math.floor(now / HOUR) * HOUR; days.size <= count; at -= HOUR) {
    const key = name.format(at)
    const day = days.get(key) ?? { at, until: Math.min(at + HOUR, now), runs: 0, failed: 0 }
    day.at = at
    days.set(key, day)
  }
  for (const span of spans) {
    const day = days.get(name.format(span.at))
    if (!day) continue
    day.runs += span.runs
    day.failed += span.failed
  }
  return [...days].slice(0, count).reverse().map(([label, day]) => ({ label: label.slice(5), ...day }))
}
