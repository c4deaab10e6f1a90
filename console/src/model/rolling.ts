/** The rolling expression: what it says in words, checked while somebody types. The sizes are the server's to say. */

export interface Part {
  readonly kind: 'count' | 'percent' | 'plus' | 'times'
  readonly number: number
}

const PART = /^(?:([+*]?)([1-9]\d{0,8})|([1-9]\d?|100)%)$/

/** Return the parts of an expression, or the part that cannot be read. */
export function readRolling(expression: string): { parts: Part[] } | { wrong: string } {
  const parts: Part[] = []
  for (const text of expression.trim().split(/\s+/)) {
    const found = PART.exec(text)
    if (!found) return { wrong: text }
    if (found[3]) parts.push({ kind: 'percent', number: Number(found[3]) })
    else parts.push({ kind: found[1] === '+' ? 'plus' : found[1] === '*' ? 'times' : 'count', number: Number(found[2]) })
  }
  return { parts }
}

/** Return an expression as the server reads it: parts with one blank between them. */
export function tidyRolling(expression: string): string {
  return expression.trim().split(/\s+/).join(' ')
}

export type Batches = { readonly from: number; readonly to: number; readonly size: number }[]

/** Return sizes of batches with equal neighbours as one: 500 batches of one host are one line. */
export function foldBatches(sizes: readonly number[]): Batches {
  const found: { from: number; to: number; size: number }[] = []
  sizes.forEach((size, index) => {
    const last = found.at(-1)
    if (last?.size === size) last.to = index + 1
    else found.push({ from: index + 1, to: index + 1, size })
  })
  return found
}
