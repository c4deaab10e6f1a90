import type { Place } from '@/app/places'

const component = () => import('./PublicScripts.vue')

export default [
  { at: 'platform', path: 'public-scripts', name: 'publicscripts.list', title: 'scripts.publicTitle', component, menu: { group: 'platform', order: 10, label: 'scripts.publicTitle' } },
  { at: 'platform', path: 'public-scripts/new', name: 'publicscripts.new', title: 'scripts.new', component },
  { at: 'platform', path: 'public-scripts/:scriptId', name: 'publicscripts.one', title: 'scripts.publicTitle', component },
  { at: 'platform', path: 'public-scripts/:scriptId/versions/:versionId(\\d+)', name: 'publicscripts.version', title: 'scripts.version', component },
  { at: 'platform', path: 'public-scripts/:scriptId/compare/:pair', name: 'publicscripts.compare', title: 'scripts.compare', component },
] satisfies Place[]
