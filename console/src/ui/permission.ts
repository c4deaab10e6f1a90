/** The permission that a refusal names, in words. */

import { ApiError } from '@/api/error'
import { say } from '@/i18n'

/** Return what is said of permissions that are missing. */
export function lackWords(names: readonly string[], granters: readonly string[]): string {
  const missing = say('app.error.missing', { names: names.join(', ') })
  return granters.length ? `${missing} ${say('app.error.granters', { names: granters.join(', ') })}` : missing
}

/** Return what is said of something that failed: the server's words, or which permission it is about and who grants it. */
export function refusalWords(error: unknown): string {
  if (!(error instanceof ApiError)) return say('app.error.page')
  if (error.status === 0) return say('app.error.unreachable')
  const names = permissionWords(error.permission)
  return names.length ? lackWords(names, granterNames(error.body)) : error.message
}

/** Return the names of the actions that a refusal says are missing; the shape is that of the server's Permission. */
function permissionWords(permission: unknown): string[] {
  const actions = (permission as { actions?: unknown } | undefined)?.actions
  if (!Array.isArray(actions)) return []
  return actions.flatMap((action: { name?: unknown; id?: unknown }) => {
    const word = typeof action.name === 'string' && action.name ? action.name : action.id
    return typeof word === 'string' ? [word] : []
  })
}

/** Return the names of some who can grant what is missing, as a refusal tells them. */
function granterNames(body: unknown): string[] {
  const names = (body as { granted_by?: unknown } | undefined)?.granted_by
  return Array.isArray(names) ? names.filter((one): one is string => typeof one === 'string') : []
}
