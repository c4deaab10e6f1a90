/** The addresses of quick runs. */

import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'run/script', name: 'quick.script', title: 'quick.script.title', component: () => import('./ScriptRunPage.vue'), menu: { group: 'work', order: 20, label: 'quick.menu' }, keys: 'g n' },
  { at: 'scope', path: 'run/file', name: 'quick.file', title: 'quick.file.title', component: () => import('./FileRunPage.vue'), keys: 'g f' },
] satisfies readonly Place[]
