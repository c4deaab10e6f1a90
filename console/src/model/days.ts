/** Runs by day, in the zone of whoever looks. */

export interface Span { readonly at: number; readonly runs: number; readonly failed: number }
export interface Day extends Span { readonly label: string; readonly until: number }

const MINUTE = 60_000
const DAY = 86_400_000
/** The lengths of spans that the server counts by, longest first. */
const SPANS = [3_600_000, 1_800_000, 900_000] as const

/** Return the longest spans, milliseconds, that the last days of a zone can be made of: not every zone begins its days with an hour. */
export function spanOf(now: number, count: number, zone: string): (typeof SPANS)[number] {
  const offsets = [now, now - (count + 1) * DAY].map((at) => offsetAt(at, zone))
  return SPANS.find((span) => offsets.every((offset) => offset % span === 0)) ?? SPANS[2]
}

/** Return how far a zone is from UTC, milliseconds. */
function offsetAt(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' }).formatToParts(at)
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value ?? 0)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) - Math.floor(at / MINUTE) * MINUTE
}

/** Return the last days, oldest first, each with its runs; spans are those of `spanOf`, or shorter. */
export function byDay(spans: readonly Span[], now: number, count: number, zone: string): Day[] {
  const name = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const length = spanOf(now, count, zone)
  const days = new Map<string, { at: number; until: number; runs: number; failed: number }>()
  // Spans, not days of 24 hours: where clocks change, a day has 23 or 25 of them.
  for (let at = Math.floor(now / length) * length; days.size <= count; at -= length) {
    const key = name.format(at)
    const day = days.get(key) ?? { at, until: Math.min(at + length, now), runs: 0, failed: 0 }
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
