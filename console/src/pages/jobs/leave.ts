/** Keeps somebody from losing what is not saved: asks before the page is left, by a link or with the tab. */

import { onBeforeUnmount, onMounted, ref } from 'vue'
import { onBeforeRouteLeave, type RouteLocationNormalized } from 'vue-router'
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
  onBeforeRouteLeave((to) => {
    if (free || !dirty()) return true
    wanted = to
    asking.value = true
    return false
  })
  return {
    asking,
    /** Go where one wanted to, without saving. */
    leave: () => {
      free = true
      asking.value = false
      if (wanted) void router.push(wanted.fullPath)
    },
    /** Say that everything is saved. */
    release: () => (free = true),
  }
}
