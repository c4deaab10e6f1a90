/** The permission that a refusal names, in words. */

/** Return the names of the actions that a refusal says are missing; the shape is that of the server's Permission. */
export function permissionWords(permission: unknown): string[] {
  const actions = (permission as { actions?: unknown } | undefined)?.actions
  if (!Array.isArray(actions)) return []
  return actions.flatMap((action: { name?: unknown; id?: unknown }) => {
    const word = typeof action.name === 'string' && action.name ? action.name : action.id
    return typeof word === 'string' ? [word] : []
  })
}

/** Return the names of some who can grant what is missing, as a refusal tells them. */
export function granterNames(body: unknown): string[] {
  const names = (body as { granted_by?: unknown } | undefined)?.granted_by
  return Array.isArray(names) ? names.filter((one): one is string => typeof one === 'string') : []
}
