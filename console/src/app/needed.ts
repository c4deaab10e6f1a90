/** Why a form cannot be sent yet. */

import { say } from '@/i18n'

/** Return what is still needed, in words, of parts with their names; nothing when each is there. */
export function needed(...parts: readonly (readonly [name: string, isThere: unknown])[]): string | undefined {
  const missing = parts.filter(([, isThere]) => !isThere).map(([name]) => name)
  return missing.length ? say('common.needed', { what: missing.join(', ') }) : undefined
}
