import type { Place } from '@/app/places'

export default [
  {
    at: 'scope', path: 'accounts', name: 'accounts.list', title: 'accounts.title', component: () => import('./AccountList.vue'),
    menu: { group: 'assets', order: 30, label: 'accounts.title' },
  },
] satisfies Place[]
