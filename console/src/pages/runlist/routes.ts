/** The address of the list of runs. */

import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'runs', name: 'runlist.page', title: 'runlist.title', component: () => import('./RunsPage.vue'), menu: { group: 'work', order: 30, label: 'runlist.title', match: ['runs.'] }, keys: 'g r' },
] satisfies readonly Place[]
