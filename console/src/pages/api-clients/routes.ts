import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'api-clients', name: 'apiclients.page', title: 'apiclients.title', component: () => import('./ApiClients.vue'), menu: { group: 'governance', order: 40, label: 'apiclients.title' } },
] satisfies Place[]
