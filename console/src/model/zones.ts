/** Time zones to choose from. */

import { zoneWords } from './time'

export interface Zone {
  /** IANA's name; empty for that of the browser. */
  readonly key: string
  readonly label: string
  readonly hint: string
}

/** Return every zone that the browser knows, those given first in their order; the hint is the offset at an instant. */
export function zonesOf(first: readonly string[], at: number): Zone[] {
  const names = new Set([...first, 'UTC', ...Intl.supportedValuesOf('timeZone')])
  return [...names].map((key) => ({ key, label: key.replaceAll('_', ' '), hint: zoneWords(key, at) }))
}
