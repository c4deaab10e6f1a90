import type { Place } from '@/app/places'

export default [
  {
    at: 'scope', path: 'hosts', name: 'hosts.list', title: 'hosts.title', component: () => import('./HostList.vue'),
    menu: { group: 'assets', order: 20, label: 'hosts.title' }, keys: 'g o',
  },
  { at: 'scope', path: 'hosts/add', name: 'hosts.add', title: 'hosts.add', component: () => import('./AddHosts.vue') },
  { at: 'scope', path: 'hosts/:hostId(\\d+)', name: 'hosts.one', title: 'hosts.one', component: () => import('./HostPage.vue') },
] satisfies Place[]
