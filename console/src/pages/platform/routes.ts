import type { Place } from '@/app/places'

export default [
  { at: 'platform', path: 'dangerous-rules', name: 'platform.rules', title: 'rules.title', component: () => import('./rules/Rules.vue'), menu: { group: 'platform', order: 20, label: 'rules.title' } },
  { at: 'platform', path: 'allow-list', name: 'platform.allowlist', title: 'allowlist.title', component: () => import('./allow-list/AllowList.vue'), menu: { group: 'platform', order: 40, label: 'allowlist.title' } },
  { at: 'platform', path: 'agents', name: 'platform.agents', title: 'agents.title', component: () => import('./agents/Agents.vue'), menu: { group: 'platform', order: 50, label: 'agents.title' } },
  { at: 'platform', path: 'users', name: 'platform.users', title: 'users.title', component: () => import('./users/Users.vue'), menu: { group: 'platform', order: 60, label: 'users.title' } },
  { at: 'platform', path: 'settings', name: 'platform.settings', title: 'settings.title', component: () => import('./settings/Settings.vue'), menu: { group: 'platform', order: 70, label: 'settings.title' } },
  { at: 'platform', path: 'system', name: 'platform.system', title: 'system.title', component: () => import('./system/System.vue'), menu: { group: 'platform', order: 80, label: 'system.title' } },
  { at: 'platform', path: 'analytics', name: 'platform.analytics', title: 'analytics.title', component: () => import('./analytics/Analytics.vue'), menu: { group: 'platform', order: 90, label: 'analytics.title' } },
] satisfies Place[]
