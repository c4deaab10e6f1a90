import type { Place } from '@/app/places'

export default [
  { at: 'own', path: 'tokens', name: 'own.tokens', title: 'own.tokens.title', component: () => import('./Tokens.vue') },
  { at: 'own', path: 'password', name: 'own.password', title: 'own.password.title', component: () => import('./Password.vue') },
] satisfies Place[]
