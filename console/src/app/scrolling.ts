/** Pages scroll in their frame, of which the browser's history knows nothing: how far down one was, by entry. */

import type { Router } from 'vue-router'

/** A list may have to be asked for before it is long enough. */
const MOST_MS = 2_000

export function keepPlaces(router: Router, frame: () => HTMLElement | null): (isBack: boolean) => void {
  const tops = new Map<unknown, number>()
  let here: unknown
  router.beforeEach(() => void tops.set(here, frame()?.scrollTop ?? 0))
  router.afterEach((_to, _from, failure) => {
    if (!failure) here = (history.state as { position?: number } | null)?.position
  })
  return (isBack) => {
    const top = isBack ? (tops.get((history.state as { position?: number } | null)?.position) ?? 0) : 0
    go(frame, top, performance.now() + MOST_MS)
  }
}

/** Go there as soon as the page is long enough, unless somebody scrolls meanwhile. */
function go(frame: () => HTMLElement | null, top: number, until: number): void {
  const box = frame()
  if (!box) return
  box.scrollTop = top
  const reached = box.scrollTop
  if (reached >= top - 1 || performance.now() > until) return
  requestAnimationFrame(() => {
    if (frame()?.scrollTop === reached) go(frame, top, until)
  })
}
