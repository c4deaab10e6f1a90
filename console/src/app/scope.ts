/** The scope that the address is in. */

import { computed, type ComputedRef } from 'vue'
import { useRoute } from 'vue-router'
import { pathOfScope } from '@/model/scope'
import { me } from './session'

export interface Scope {
  /** As the API names it: `biz:2`. */
  readonly text: string
  /** As addresses begin: `/biz/2`. */
  readonly path: string
  readonly kind: 'biz' | 'biz_set'
  readonly id: string
  readonly name: string
}

const KEY = 'jobfleet.scope'

/** Return a scope as texts; the name is empty for one that the person may not enter. */
export function scopeOf(text: string): Scope {
  const [kind = 'biz', id = ''] = text.split(':')
  const name = me.value?.scopes.find((one) => one.scope === text)?.name ?? ''
  return { text, path: pathOfScope(text), kind: kind === 'biz_set' ? 'biz_set' : 'biz', id, name }
}

/** Return what a scope is called, with its number; as the API names it when one may not enter it. */
export function scopeWords(text: string): string {
  const { name, id } = scopeOf(text)
  return name ? `${name} (${id})` : text
}

/** Return the scope of the address, of the last visit on pages without one, or undefined for somebody without any. */
export function useScopeMaybe(): ComputedRef<Scope | undefined> {
  const route = useRoute()
  return computed(() => {
    const { kind, scopeId } = route.params
    if (typeof kind === 'string' && typeof scopeId === 'string') return scopeOf(`${kind}:${scopeId}`)
    const last = lastScope()
    return last ? scopeOf(last) : undefined
  })
}

/** Return the scope of the address; only for pages that are `at: 'scope'`. */
export function useScope(): ComputedRef<Scope> {
  const route = useRoute()
  return computed(() => scopeOf(`${String(route.params['kind'])}:${String(route.params['scopeId'])}`))
}

/** Remember where somebody works, for the next visit. */
export function remember(scope: Scope): void {
  if (scope.name) localStorage.setItem(KEY, scope.text)
}

/** Return where to begin: the path of the last scope, else of the first one that may be entered. */
export function homeScope(): string {
  const last = lastScope()
  return last ? scopeOf(last).path : ''
}

function lastScope(): string {
  const own = me.value?.scopes ?? []
  const kept = localStorage.getItem(KEY)
  return own.find((one) => one.scope === kept)?.scope ?? own[0]?.scope ?? ''
}
