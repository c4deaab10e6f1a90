/** Times and durations in words; the zone and the language are given, so that all of it is pure. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Return a duration as an operator reads it: 0.42s, 12s, 3m12s, 1h04m, 2d03h. Exact enough, never rounded up. */
export function durationWords(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return ''
  if (ms < 10_000) return `${(Math.floor(ms / 10) / 100).toString()}s`
  if (ms < MINUTE) return `${Math.floor(ms / 1000)}s`
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)}m${two(Math.floor((ms % MINUTE) / 1000))}s`
  if (ms < DAY) return `${Math.floor(ms / HOUR)}h${two(Math.floor((ms % HOUR) / MINUTE))}m`
  return `${Math.floor(ms / DAY)}d${two(Math.floor((ms % DAY) / HOUR))}h`
}

const two = (value: number) => value.toString().padStart(2, '0')

/** Return the date and time of an instant in a zone, to the second. */
export function instantWords(at: number, language: string, zone: string): string {
  return new Intl.DateTimeFormat(language, {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  }).format(at)
}

/** Return an instant in the viewer's zone, and in the server's where that has another time. */
export function bothZones(at: number, language: string, own: string, server: string, serverName: string): string {
  const told = (zone: string) => `${instantWords(at, language, zone)} ${zoneWords(zone, at)}`
  return server && told(server) !== told(own) ? `${told(own)}\n${serverName} ${told(server)}` : told(own)
}

/** Return the day of an instant in a zone. */
export function dateWords(at: number, language: string, zone: string): string {
  return new Intl.DateTimeFormat(language, { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}

/** Return a short time of an instant: the clock within the same day, else month and day with it. */
export function shortWords(at: number, now: number, language: string, zone: string): string {
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
  const isToday = day.format(at) === day.format(now)
  const isThisYear = day.format(at).slice(0, 4) === day.format(now).slice(0, 4)
  return new Intl.DateTimeFormat(language, {
    timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    ...(isToday ? { second: '2-digit' } : { month: '2-digit', day: '2-digit' }),
    ...(isThisYear ? {} : { year: 'numeric' }),
  }).format(at)
}

/** Return how far an instant is from now in words: 5 minutes ago, in 2 hours. */
export function relativeWords(at: number, now: number, language: string): string {
  const ms = at - now
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const size = Math.abs(ms)
  if (size < MINUTE) return format.format(Math.round(ms / 1000), 'second')
  if (size < HOUR) return format.format(Math.round(ms / MINUTE), 'minute')
  if (size < DAY) return format.format(Math.round(ms / HOUR), 'hour')
  return format.format(Math.round(ms / DAY), 'day')
}

/** Return the offset of a zone at an instant: UTC+8, UTC+5:30, UTC. */
export function zoneWords(zone: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'shortOffset' }).formatToParts(at)
  return (parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC').replace('GMT', 'UTC').replace(/[+-]0$/, '')
}
