/** Who is signed in, and what they may enter. */

import { ref } from 'vue'
import { ApiError, api, ask, base, tell } from '@/api/client'
import type { components } from '@/api/schema'
import { letGo } from '@/ui/leave'
import { adopt, part } from './choices'

export type Me = components['schemas']['WhoAmI']

export const me = ref<Me>()
/** Whether the session has ended over something that is not saved: the page stays, and somebody signs in over it. */
export const ended = ref(false)
let loading: Promise<void> | undefined

/** Find out once who is signed in; `me` stays undefined for nobody. */
export function loadSession(): Promise<void> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<void> {
  try {
    const session = await ask(api.GET('/api/v1/session'))
    tell({ csrf: session.csrf_token })
    adopt(session)
    me.value = await ask(api.GET('/api/v1/whoami'))
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) throw error
  }
}

/** Sign in by password; return whether the page may go on. */
export async function signIn(username: string, password: string): Promise<boolean> {
  return enter(await ask(api.POST('/api/v1/session', { body: { username, password } })))
}

/** Go on with the session that somebody has begun in another tab; return whether the page may go on. */
export async function resume(): Promise<boolean> {
  return enter(await ask(api.GET('/api/v1/session')))
}

/** Take a session on. That of somebody else than the page is of begins with a page of its own, and without a question: nothing of the one before is theirs. */
async function enter(session: components['schemas']['Session']): Promise<boolean> {
  const now = await ask(api.GET('/api/v1/whoami'))
  if (me.value && me.value.username !== now.username) {
    letGo()
    location.assign(base)
    return false
  }
  tell({ csrf: session.csrf_token })
  adopt(session)
  me.value = now
  loading = Promise.resolve()
  return true
}

/** Return whether something of the page would be lost with it: as its guards would tell the browser. */
export function wouldLose(): boolean {
  const probe = new Event('beforeunload', { cancelable: true })
  dispatchEvent(probe)
  return probe.defaultPrevented
}

/** End the session; the page starts anew, so that nothing of the person stays in memory. */
export async function signOut(): Promise<void> {
  const { logout_url } = await ask(api.POST('/api/v1/session/end', { body: {} }))
  location.assign(logout_url || `${base}sign-in`)
}

/** Forget who was signed in, because the server has. */
export function forget(): void {
  me.value = undefined
  loading = undefined
  part()
  tell({ csrf: '' })
}

/** Whether somebody has a role on the platform as a whole. */
export function onPlatform(who: Me | undefined): boolean {
  return who !== undefined && (who.platform_admin || who.grants.some((one) => one.scope === 'platform'))
}
