/** The addresses of the console, gathered from the subjects, and who may open them. */

import { createRouter, createWebHistory, type RouteLocationRaw, type RouteRecordRaw } from 'vue-router'
import { base } from '@/api/client'
import { say } from '@/i18n'
import { byBack, mayLeave, noticeBack } from '@/ui/leave'
import { toastError } from '@/ui/toast'
import { failed, isGonePart, mayReload } from './failing'
import { places, type Place } from './places'
import { homeScope } from './scope'
import { keepPlaces } from './scrolling'
import { loadSession, me } from './session'

const ROOTS = { scope: '/:kind(biz|biz_set)/:scopeId(\\d+)', platform: '/platform', own: '/me', root: '', open: '' }

function record(place: Place): RouteRecordRaw {
  return {
    path: `${ROOTS[place.at]}/${place.path}`,
    name: place.name,
    component: place.component,
    meta: { at: place.at, title: place.title, embeds: place.embeds ?? false },
  }
}

declare module 'vue-router' {
  interface RouteMeta {
    at?: Place['at'] | 'frame'
    title?: string
    embeds?: boolean
  }
}

const frame: RouteRecordRaw[] = [
  { path: '/', name: 'root', component: () => import('./Nowhere.vue'), meta: { at: 'own', title: 'app.title' } },
  { path: `${ROOTS.scope}`, redirect: (to) => `${to.path.replace(/\/$/, '')}/home` },
  { path: '/:rest(.*)*', name: 'app.missing', component: () => import('./Missing.vue'), meta: { at: 'own', title: 'app.missing.title' } },
]

const history = createWebHistory(base)
// Heard first, because the router begins to listen with its first address.
history.listen(noticeBack)

export const router = createRouter({
  history,
  routes: [...places.map(record), ...frame],
  scrollBehavior: (to, from, saved) => {
    // A filter in the address leaves one where one is.
    if (saved || to.path !== from.path) goBack(saved !== null)
    return undefined
  },
})
const goBack = keepPlaces(router, () => document.getElementById('main'))

router.onError((error, to) => {
  if (isGonePart(error) && mayReload(sessionStorage, Date.now())) location.assign(router.resolve(to.fullPath).href)
  // Without a page there is no other place to say it in.
  else if (!router.currentRoute.value.matched.length) failed.value = { error, to: to.fullPath }
  else toastError(error)
})

// A filter in the address loses nothing; another page, or the same one of something else, does.
router.beforeEach((to, from) => (to.path !== from.path ? mayLeave() : !byBack() || mayLeave('view')))

router.beforeEach(async (to): Promise<RouteLocationRaw | boolean> => {
  if (to.meta.at === 'open') return true
  await loadSession()
  if (!me.value) return { name: 'signin.page', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  if (to.name === 'root') {
    const scope = homeScope()
    return scope ? `${scope}/home` : true
  }
  return true
})

router.afterEach((to) => {
  failed.value = undefined
  document.title = to.meta.title ? `${say(to.meta.title)} · Jobfleet` : 'Jobfleet'
})
