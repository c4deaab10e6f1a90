/** The query of the address as values: read from it, and written to it. */

import { computed, type ComputedRef } from 'vue'
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'
import { readQuery, writeQuery, type Params, type Raw, type Values } from '@/model/query'

export { flag, list, maybeWhole, oneOf, text, whole } from '@/model/query'

export interface Query<P extends Params> {
  /** What the address says now. */
  readonly query: ComputedRef<Values<P>>
  /** Change a filter: replaces the entry of the history. */
  set(changes: Partial<Values<P>>): void
  /** Open something else: adds an entry to the history. */
  push(changes: Partial<Values<P>>): void
  /** Return the address with these changes, for links. */
  to(changes: Partial<Values<P>>): { query: Record<string, string> }
}

// Two changes within one tick must not lose the first: the router's query is only new when it has navigated.
let coming: Raw | undefined

/**
 * Parse and write the query of the address; defaults are left out, and what others wrote stays.
 *
 * @param lines - Names of what the fragment is about (`#L120` of a host's log): when they change, it goes.
 */
export function useQuery<P extends Params>(params: P, lines: readonly (keyof P & string)[] = []): Query<P> {
  const route = useRoute()
  const router = useRouter()
  const now = (): Raw => coming ?? (route.query as Raw)
  const changed = (changes: Partial<Values<P>>) => writeQuery(params, { ...readQuery(params, now()), ...changes }, now())
  const go = (changes: Partial<Values<P>>, replace: boolean) => {
    const query = changed(changes)
    coming = query
    const target = { query: query as LocationQueryRaw, hash: lines.some((name) => name in changes) ? '' : route.hash }
    void (replace ? router.replace(target) : router.push(target)).finally(() => {
      if (coming === query) coming = undefined
    })
  }
  return {
    query: computed(() => readQuery(params, route.query as Raw)),
    set: (changes) => go(changes, true),
    push: (changes) => go(changes, false),
    to: (changes) => ({ query: writeQuery(params, { ...readQuery(params, route.query as Raw), ...changes }, route.query as Raw) }),
  }
}
