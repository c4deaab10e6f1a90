import type { Place } from '@/app/places'

export default [
  {
    at: 'scope', path: 'files', name: 'files.list', title: 'files.title', component: () => import('./FilesPage.vue'),
    menu: { group: 'assets', order: 40, label: 'files.title' },
  },
] satisfies Place[]
