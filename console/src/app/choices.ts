/** How a person wants to see things: kept with the person by the server, with a copy in the browser for the next start. */

import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { speak } from '@/i18n'
import { toastError } from '@/ui/toast'
import { chosenZone, known, serverZone, theme } from './theme'

type Chosen = components['schemas']['Choose']

// What was chosen on the sign-in page is newer than what the server knows, so it is kept as soon as it can be.
let early: Chosen = {}
let isSignedIn = false

/** Follow a choice at once, and keep it with the person. */
export function choose(wanted: Chosen): void {
  follow(wanted)
  if (isSignedIn) keep(wanted)
  else early = { ...early, ...wanted }
}

/** Follow what a person chose elsewhere; until somebody chooses, the browser decides. */
export function adopt(session: components['schemas']['Session']): void {
  const { language, theme: shade, time_zone } = session.choices
  serverZone.value = known(session.time_zone)
  follow({ ...(language ? { language } : {}), ...(shade ? { theme: shade } : {}), ...(time_zone ? { time_zone } : {}), ...early })
  isSignedIn = true
  if (Object.keys(early).length) keep(early)
  early = {}
}

/** Know that nobody is signed in any more. */
export function part(): void {
  isSignedIn = false
}

function follow(wanted: Chosen): void {
  if (wanted.language) speak(wanted.language)
  if (wanted.theme) theme.value = wanted.theme
  if (wanted.time_zone !== undefined) chosenZone.value = known(wanted.time_zone ?? '')
}

function keep(wanted: Chosen): void {
  ask(api.POST('/api/v1/choices', { body: wanted })).catch(toastError)
}
