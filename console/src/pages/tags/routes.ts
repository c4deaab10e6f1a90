import type { Place } from '@/app/places'

export default [
  {
    at: 'scope', path: 'tags', name: 'tags.list', title: 'tags.title', component: () => import('./TagList.vue'),
    menu: { group: 'assets', order: 60, label: 'tags.title' },
  },
] satisfies Place[]
