/** Moments as people write them into an address: `24h` and `7d` ago, a day or a minute of a day in the viewer's zone, or epoch milliseconds. */

import { instantOf } from './zoneTime'

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Return the epoch milliseconds that a text means, a day's its beginning; undefined for a text that means none. */
export function momentOf(text: string, now: number, zone: string): number | undefined {
  const ago = /^(\d{1,5})([mhd])$/.exec(text)
  if (ago) return Math.max(0, now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0))
  if (/^\d{9,15}$/.test(text)) return Number(text)
  const at = instantOf(DAY.test(text) ? `${text}T00:00` : text.replace(' ', 'T'), zone)
  return at === undefined || at < 0 ? undefined : at
}

/** Return the epoch milliseconds before which everything is meant: a day is meant with all of it. */
export function endOf(text: string, now: number, zone: string): number | undefined {
  const at = momentOf(text, now, zone)
  if (at === undefined || !DAY.test(text)) return at
  return momentOf(new Date(Date.parse(`${text}T00:00Z`) + 86_400_000).toISOString().slice(0, 10), now, zone)
}
