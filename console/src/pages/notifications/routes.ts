import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'notifications', name: 'notifications.page', title: 'notifications.title', component: () => import('./Notifications.vue'), menu: { group: 'governance', order: 30, label: 'notifications.title' } },
] satisfies Place[]
