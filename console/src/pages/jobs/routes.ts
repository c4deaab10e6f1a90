import type { Place } from '@/app/places'

const TEMPLATE = 'jobs/:templateId(\\d+)'
const PLAN = `${TEMPLATE}/plans/:planId(\\d+)`

export default [
  { at: 'scope', path: 'jobs', name: 'jobs.list', title: 'jobs.title', component: () => import('./JobsPage.vue'), menu: { group: 'work', order: 40, label: 'jobs.title' }, keys: 'g j' },
  { at: 'scope', path: 'jobs/new', name: 'jobs.new', title: 'jobs.make', component: () => import('./TemplateEditor.vue') },
  { at: 'scope', path: 'jobs/import', name: 'jobs.import', title: 'jobs.archive.import', component: () => import('./ImportPage.vue') },
  { at: 'scope', path: TEMPLATE, name: 'jobs.one', title: 'jobs.one', component: () => import('./TemplatePage.vue') },
  { at: 'scope', path: `${TEMPLATE}/edit`, name: 'jobs.edit', title: 'jobs.edit', component: () => import('./TemplateEditor.vue') },
  { at: 'scope', path: `${TEMPLATE}/sync`, name: 'jobs.sync.many', title: 'jobs.sync.title', component: () => import('./SyncPage.vue') },
  { at: 'scope', path: `${TEMPLATE}/plans/new`, name: 'jobs.plan.new', title: 'jobs.plan.make', component: () => import('./PlanEditor.vue') },
  { at: 'scope', path: PLAN, name: 'jobs.plan', title: 'jobs.plan.one', component: () => import('./PlanPage.vue') },
  { at: 'scope', path: `${PLAN}/edit`, name: 'jobs.plan.edit', title: 'jobs.plan.edit', component: () => import('./PlanEditor.vue') },
  { at: 'scope', path: `${PLAN}/run`, name: 'jobs.plan.run', title: 'jobs.run.title', component: () => import('./PlanRunPage.vue') },
  { at: 'scope', path: `${PLAN}/sync`, name: 'jobs.sync', title: 'jobs.sync.title', component: () => import('./SyncPage.vue') },
] satisfies Place[]
