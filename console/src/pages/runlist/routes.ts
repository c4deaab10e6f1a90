/** The addresses of lists of runs. */

import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'runs', name: 'runlist.page', title: 'runlist.title', component: () => import('./RunsPage.vue'), menu: { group: 'work', order: 30, label: 'runlist.title', match: ['runs.'] }, keys: 'g r' },
  { at: 'platform', path: 'runs', name: 'platform.runs', title: 'runlist.all', component: () => import('./AllRuns.vue'), menu: { group: 'platform', order: 85, label: 'runlist.all' } },
] satisfies readonly Place[]
