/** What a dialog is about: it is open while something is chosen, and closing it chooses nothing. */

import { computed, shallowRef, type ShallowRef, type WritableComputedRef } from 'vue'

/** Return what is chosen, undefined for nothing, and whether something is: for `v-model:open`. */
export function useChosen<What>(): [chosen: ShallowRef<What | undefined>, isOpen: WritableComputedRef<boolean>] {
  const chosen = shallowRef<What>()
  const isOpen = computed({
    get: () => chosen.value !== undefined,
    set: (open) => {
      if (!open) chosen.value = undefined
    },
  })
  return [chosen, isOpen]
}
