/** Keeps somebody from losing what is not saved: asks before the page is left, by a link or with the tab. */

import { onBeforeUnmount, onMounted, ref } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate, type RouteLocationNormalized } from 'vue-router'
import { useRouter } from 'vue-router'

/** Guard the calling page while `dirty` says so; `asking` opens the question, `leave` goes where one wanted to. */
export function useLeaveGuard(dirty: () => boolean) {
  const router = useRouter()
  const asking = ref(false)
  let wanted: RouteLocationNormalized | undefined
  let free = false
  const unload = (event: BeforeUnloadEvent) => { if (dirty() && !free) event.preventDefault() }
  onMounted(() => addEventListener('beforeunload', unload))
  onBeforeUnmount(() => removeEventListener('beforeunload', unload))
  const ask = (to: RouteLocationNormalized) => {
    if (free || !dirty()) return true
    wanted = to
    asking.value = true
    return false
  }
  onBeforeRouteLeave(ask)
  // The same page of something else loses what was written just as well; a filter in the address does not.
  onBeforeRouteUpdate((to, from) => (to.path === from.path ? true : ask(to)))
  return {
    asking,
    /** Go where one wanted to, without saving. */
    leave: () => {
      free = true
      asking.value = false
      // A page that stays, showing something else, is guarded again.
      if (wanted) void router.push(wanted.fullPath).finally(() => (free = false))
    },
    /** Say that everything is saved. */
    release: () => (free = true),
  }
}
