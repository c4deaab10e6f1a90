import type { Place } from '@/app/places'

export default [
  { at: 'open', path: 'sign-in', name: 'signin.page', title: 'signin.title', component: () => import('./SignIn.vue') },
] satisfies Place[]
