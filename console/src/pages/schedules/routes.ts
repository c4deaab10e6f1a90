import type { Place } from '@/app/places'

export default [
  { at: 'scope', path: 'schedules', name: 'schedules.list', title: 'schedules.title', component: () => import('./SchedulesPage.vue'), menu: { group: 'work', order: 50, label: 'schedules.title' }, keys: 'g s' },
  { at: 'scope', path: 'schedules/new', name: 'schedules.new', title: 'schedules.make', component: () => import('./ScheduleEditor.vue') },
  { at: 'scope', path: 'schedules/:scheduleId(\\d+)', name: 'schedules.one', title: 'schedules.one', component: () => import('./SchedulePage.vue') },
  { at: 'scope', path: 'schedules/:scheduleId(\\d+)/edit', name: 'schedules.edit', title: 'schedules.edit', component: () => import('./ScheduleEditor.vue') },
] satisfies Place[]
