/** Keeps somebody from losing what is not saved: who edits says whether there is something, and whoever leads away asks here. */

import { onScopeDispose, shallowRef } from 'vue'

type Dirty = () => boolean

interface Held {
  readonly tab: Dirty
  readonly page: Dirty
  readonly view: Dirty
}

const held = new Set<Held>()

/** Answers the question that is open: whether to leave. */
export const question = shallowRef<(leave: boolean) => void>()

/**
 * Ask before the page or the tab is left while `dirty` says so, as long as the calling component lives. `page` says so for pages alone, where
 * what is here is saved on the way to another page, but not with the tab; `view` for going back to another view of the same page.
 */
export function useLeaveGuard(dirty: Dirty, { page = dirty, view = () => false }: { page?: Dirty; view?: Dirty } = {}) {
  let free = false
  const one: Held = { tab: () => !free && dirty(), page: () => !free && page(), view: () => !free && view() }
  held.add(one)
  onScopeDispose(() => held.delete(one))
  return {
    /** Say that everything is saved. */
    release: () => (free = true),
  }
}

/** Ask nobody any more: what is not saved is not of whoever is here now. */
export const letGo = () => held.clear()

/** Return whether the page (or this view of it) may be left; somebody is asked where they would lose something. */
export function mayLeave(what: 'page' | 'view' = 'page'): true | Promise<boolean> {
  if (![...held].some((one) => one[what]())) return true
  // Who goes another way meanwhile has called off the first one.
  question.value?.(false)
  return new Promise((resolve) => {
    question.value = (leave) => {
      question.value = undefined
      resolve(leave)
    }
  })
}

let isBack = false

/** Return whether an address is left by Back or Forward; while they are followed only. */
export const byBack = () => isBack

/** Notice Back and Forward; called before the router follows them, which asks at once. */
export function noticeBack(): void {
  isBack = true
  setTimeout(() => (isBack = false))
}

/** Have the browser ask before the tab is closed or loaded anew; called once. */
export function startLeaving(): void {
  addEventListener('beforeunload', (event) => {
    if ([...held].some((one) => one.tab())) event.preventDefault()
  })
}
