/** The sections of the grid: hosts that have the same number (their batch, their place in the topology) side by side. */

import type { Section } from './grid'

export interface Cut {
  /** The order with the hosts of a section side by side. */
  readonly order: Uint32Array
  readonly sections: readonly Section[]
}

/** Cut an order by batch; it stays within each batch. A step that does not roll has batch 0 alone. */
export function byBatch(order: Uint32Array, batch: ArrayLike<number>): Cut {
  return cutBy(order, batch, (number) => (number === 0 ? '' : `b${number}`))
}

/** Leave an order as it is: one section. */
export function uncut(order: Uint32Array): Cut {
  return { order, sections: [{ label: '', count: order.length }] }
}

/** Cut an order by a number of each host, lowest first; the order stays within each section. */
export function cutBy(order: Uint32Array, numberOf: ArrayLike<number>, labelOf: (number: number) => string): Cut {
  const counts = new Map<number, number>()
  for (const index of order) {
    const number = numberOf[index] as number
    counts.set(number, (counts.get(number) ?? 0) + 1)
  }
  const numbers = [...counts.keys()].sort((a, b) => a - b)
  if (numbers.length < 2) return { order, sections: [{ label: labelOf(numbers[0] ?? 0), count: order.length }] }
  return { order: gathered(order, numberOf, numbers, counts), sections: numbers.map((number) => ({ label: labelOf(number), count: counts.get(number) ?? 0 })) }
}

function gathered(order: Uint32Array, numberOf: ArrayLike<number>, numbers: readonly number[], counts: ReadonlyMap<number, number>): Uint32Array {
  const next = new Map<number, number>()
  let start = 0
  for (const number of numbers) {
    next.set(number, start)
    start += counts.get(number) ?? 0
  }
  const sorted = new Uint32Array(order.length)
  for (const index of order) {
    const number = numberOf[index] as number
    const at = next.get(number) ?? 0
    sorted[at] = index
    next.set(number, at + 1)
  }
  return sorted
}
