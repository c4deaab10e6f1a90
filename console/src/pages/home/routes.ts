import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'home', name: 'home.page', title: 'home.title', component: () => import('./Home.vue'), menu: { group: 'work', order: 10, label: 'home.menu' }, keys: 'g h' },
] satisfies Place[]
