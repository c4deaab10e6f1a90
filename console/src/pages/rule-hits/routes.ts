import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'rule-hits', name: 'hits.page', title: 'hits.title', component: () => import('./RuleHits.vue'), menu: { group: 'governance', order: 20, label: 'hits.title' } },
  {
    at: 'platform', path: 'detection-records', name: 'detections.page', title: 'hits.platformTitle', component: () => import('./DetectionRecords.vue'),
    menu: { group: 'platform', order: 30, label: 'hits.platformTitle' },
  },
] satisfies Place[]
