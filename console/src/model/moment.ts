/** Moments as people write them into an address: `24h` and `7d` ago, a day, a minute of a day (UTC), or epoch milliseconds. */

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Return the epoch milliseconds that a text means, or undefined for a text that means none. */
export function momentOf(text: string, now: number): number | undefined {
  const ago = /^(\d{1,5})([mhd])$/.exec(text)
  if (ago) return Math.max(0, now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0))
  if (/^\d{13}$/.test(text)) return Number(text)
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?$/.test(text)) return undefined
  const at = Date.parse(text.length === 10 ? `${text}T00:00Z` : `${text}Z`)
  return Number.isNaN(at) || at < 0 ? undefined : at
}
