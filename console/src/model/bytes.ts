/** Sizes for people, and texts that may be none. */

import { bytesOf, textOf } from './base64'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Return a size with its unit: 512 B, 1.5 KiB, 20 MiB. */
export function sizeWords(bytes: number): string {
  let value = Math.max(0, bytes)
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit += 1
  }
  const shown = unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10
  return `${shown} ${UNITS[unit]}`
}

/** Return the text that Base64 holds, with � for what is no UTF-8, and whether it is all there. */
export function shownText(base64: string): { readonly text: string; readonly isExact: boolean } {
  const exact = textOf(base64)
  return exact === undefined ? { text: new TextDecoder().decode(bytesOf(base64)), isExact: false } : { text: exact, isExact: true }
}
