import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'audit', name: 'audit.page', title: 'audit.title', component: () => import('./Audit.vue'), menu: { group: 'governance', order: 10, label: 'audit.title' }, keys: 'g u' },
] satisfies Place[]
