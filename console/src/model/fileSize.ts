/** Sizes of files for people. */

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const

/** Return a size with its unit, in the words of a language. */
export function bytesWords(bytes: number, language: string): string {
  const at = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  return new Intl.NumberFormat(language, { style: 'unit', unit: UNITS[at] ?? 'byte', unitDisplay: 'short', maximumFractionDigits: 1 }).format(bytes / 1000 ** at)
}
