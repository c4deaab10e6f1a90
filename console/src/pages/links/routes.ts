/** The links of BK-JOB that others hold; each leads to the page of ours that shows the same. */

import type { Place } from '@/app/places'

const component = () => import('./OldLink.vue')
const title = 'links.title'

export default [
  { at: 'root', path: 'api_execute/:jobId(\\d+)', name: 'links.run', title, component },
  { at: 'root', path: 'api_execute_step/:jobId(\\d+)/:stepId(\\d+)', name: 'links.step', title, component },
  { at: 'root', path: 'api_plan/:planId(\\d+)', name: 'links.plan', title, component },
  { at: 'root', path: ':appId(\\d+)/execute/step/:jobId(\\d+)', name: 'links.app', title, component },
] satisfies Place[]
