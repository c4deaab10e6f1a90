import type { Place } from '@/app/places'

export default [
  {
    at: 'scope', path: 'credentials', name: 'credentials.list', title: 'credentials.title', component: () => import('./CredentialList.vue'),
    menu: { group: 'assets', order: 50, label: 'credentials.title' },
  },
] satisfies Place[]
