import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'approvals', name: 'approvals.page', title: 'approvals.title', component: () => import('./ApprovalsPage.vue'), menu: { group: 'work', order: 60, label: 'approvals.title' }, keys: 'g a' },
] satisfies Place[]
