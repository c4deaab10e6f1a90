/** The addresses of runs. */

import type { Place } from '@/app/places'

const run = () => import('./RunPage.vue')
const record = () => import('./RunRecordPage.vue')
const one = 'runs/:jobId(\\d+)'

export default [
  { at: 'scope', path: one, name: 'runs.run', title: 'runview.title', component: run, embeds: true },
  { at: 'scope', path: `${one}/steps/:stepId(\\d+)`, name: 'runs.step', title: 'runview.title', component: run, embeds: true },
  { at: 'scope', path: `${one}/variables`, name: 'runs.variables', title: 'runview.title', component: record, embeds: true },
  { at: 'scope', path: `${one}/audit`, name: 'runs.audit', title: 'runview.title', component: record, embeds: true },
  { at: 'scope', path: `${one}/definition`, name: 'runs.definition', title: 'runview.title', component: record, embeds: true },
] satisfies readonly Place[]
