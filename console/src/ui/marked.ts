/** The row of a list that keys are about: it stays the same row when the list is another one, wherever it stands then. */

import { computed, ref, watch, type ComputedRef } from 'vue'

type Key = string | number

export interface Marked {
  /** Where the marked row stands; -1 while none is marked, or the marked one is not listed. */
  readonly at: ComputedRef<number>
  mark(index: number): void
  /** Mark the next row, or the one before. */
  move(by: number): void
  clear(): void
}

/** Keep which of the rows is marked, by the keys of those that are listed. */
export function useMarked(keys: () => readonly Key[]): Marked {
  const key = ref<Key>()
  const at = computed(() => (key.value === undefined ? -1 : keys().indexOf(key.value)))
  // When the marked row is gone, one goes on from where it stood.
  let place = 0
  watch(at, (now) => (place = now < 0 ? place : now), { flush: 'sync' })
  const mark = (index: number) => (key.value = keys()[index])
  return {
    at,
    mark,
    move: (by) => {
      const from = at.value < 0 && by > 0 ? place - 1 : at.value < 0 ? place : at.value
      mark(Math.max(0, Math.min(keys().length - 1, from + by)))
    },
    clear: () => {
      key.value = undefined
      place = 0
    },
  }
}
