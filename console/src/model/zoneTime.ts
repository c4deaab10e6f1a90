// Clock times in a zone that is not the browser's, as fields of date and time show them: `2026-12-24T18:00`.

function clock(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(at)
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`
}

/** Return what the clocks of a zone show at an instant (epoch ms). */
export function clockAt(at: number, zone: string): string {
  return clock(at, zone)
}

/** Return the first instant (epoch ms) at which the clocks of a zone show this; a time that they leave out is meant an hour later. */
export function instantOf(text: string, zone: string): number | undefined {
  const wanted = Date.parse(`${text}Z`)
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) || Number.isNaN(wanted)) return undefined
  // Clocks differ from UTC by the offset before or after a change nearby: of the two that show the time, the first is meant.
  const offsets = [...new Set([-86_400_000, 0, 86_400_000].map((by) => Date.parse(`${clock(wanted + by, zone)}Z`) - Math.floor((wanted + by) / 60_000) * 60_000))]
  const fitting = offsets.map((offset) => wanted - offset).filter((at) => clock(at, zone) === text)
  return fitting.length ? Math.min(...fitting) : wanted - Math.min(...offsets)
}

/** Return the names of all zones that the browser knows, with the one that is in use. */
export function zones(own = ''): string[] {
  return [...new Set([...(own ? [own] : []), 'UTC', ...Intl.supportedValuesOf('timeZone')])]
}
