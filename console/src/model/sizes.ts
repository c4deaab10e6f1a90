/** Sizes in words. */

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Return a number of bytes as people read it: 812 B, 1.4 MiB. */
export function sizeWords(bytes: number): string {
  let [size, unit] = [bytes, 0]
  while (size >= 1024 && unit < UNITS.length - 1) [size, unit] = [size / 1024, unit + 1]
  return `${unit === 0 || size >= 100 ? Math.round(size) : Math.round(size * 10) / 10} ${UNITS[unit]}`
}
