/** What a form is filled with: what is read while somebody writes must not take the place of what they have written. */

import { computed, shallowRef, watch } from 'vue'

/**
 * Return something as it was when its form began. It stays so until the form has kept its own changes, somebody takes what there is now, or
 * something else takes its place.
 *
 * @param now - What is known of it now; undefined while no form is open.
 * @param stamp - Tells one state of it from another.
 */
export function useBegun<What extends { readonly id: unknown }>(now: () => What | undefined, stamp: (what: What) => unknown) {
  const begun = shallowRef<What>()
  let isOwn = false
  const take = () => {
    begun.value = now()
    isOwn = false
  }
  watch(now, (found) => {
    const held = begun.value
    if (!found || !held || held.id !== found.id || (isOwn && stamp(found) !== stamp(held))) take()
  }, { immediate: true })
  const isOld = computed(() => {
    const [held, found] = [begun.value, now()]
    return held !== undefined && found !== undefined && stamp(held) !== stamp(found)
  })
  return {
    begun,
    /** Whether somebody else has changed it since. */
    isOld,
    /** Begin anew with what there is now. */
    take,
    /** The form has kept its own changes: what is read next is what it shows. */
    done: () => (isOwn = true),
  }
}
