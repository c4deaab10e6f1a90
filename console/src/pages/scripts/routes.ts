import type { Place } from '@/app/places'

export default [
  {
    at: 'scope', path: 'scripts', name: 'scripts.list', title: 'scripts.title', component: () => import('./ScopeScripts.vue'),
    menu: { group: 'assets', order: 10, label: 'scripts.title' }, keys: 'g c',
  },
  { at: 'scope', path: 'scripts/new', name: 'scripts.new', title: 'scripts.new', component: () => import('./ScopeScripts.vue') },
  { at: 'scope', path: 'scripts/:scriptId', name: 'scripts.one', title: 'scripts.title', component: () => import('./ScopeScripts.vue') },
  { at: 'scope', path: 'scripts/:scriptId/versions/:versionId(\\d+)', name: 'scripts.version', title: 'scripts.version', component: () => import('./ScopeScripts.vue') },
  { at: 'scope', path: 'scripts/:scriptId/compare/:pair', name: 'scripts.compare', title: 'scripts.compare', component: () => import('./ScopeScripts.vue') },
] satisfies Place[]
