/** A press that waits until it is known what it would do. */

import { computed, shallowRef, watch, type Ref } from 'vue'

/**
 * Let a press wait for what it is about; `go` is called once that is known.
 *
 * @param wish - What is asked for now; a press is about what it was then, and ends when it becomes something else.
 */
export function usePatience<Wish>(wish: Ref<Wish>, isKnown: () => boolean, go: () => void) {
  const pressed = shallowRef<string>()
  const isWaiting = computed(() => pressed.value !== undefined)
  watch(() => isWaiting.value && (JSON.stringify(wish.value) === pressed.value ? isKnown() : undefined), (known) => {
    if (known === false) return
    const goes = isWaiting.value && known
    pressed.value = undefined
    if (goes) go()
  })
  return { isWaiting, wait: () => (pressed.value = JSON.stringify(wish.value)) }
}
