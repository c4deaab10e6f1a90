/** What goes on in a scope, in numbers that move by themselves. */

import { useQuery } from '@tanstack/vue-query'
import { computed, onScopeDispose, type ComputedRef } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useStream } from './stream'

export type ScopeCounts = components['schemas']['ScopeCounts']

/** Many runs may begin at once: they are counted again once a second at most. */
const PAUSE_MS = 1_000

/** Count what runs and waits in a scope; undefined while that is not known, or there is no scope. */
export function useScopeCounts(scope: ComputedRef<string | undefined>): ComputedRef<ScopeCounts | undefined> {
  const query = useQuery({
    queryKey: ['runs', 'counts', scope],
    enabled: () => scope.value !== undefined,
    queryFn: ({ signal }) => ask(api.GET('/api/v1/runs/counts', { params: { query: { scope: scope.value ?? '' } }, signal })),
  })
  let timer = 0
  const soon = () => {
    timer ||= window.setTimeout(() => {
      timer = 0
      void query.refetch()
    }, PAUSE_MS)
  }
  onScopeDispose(() => clearTimeout(timer))
  const topic = (kind: string) => () => (scope.value === undefined ? undefined : `${kind}:${scope.value}`)
  useStream(topic('runs'), '', { told: soon, anew: soon })
  useStream(topic('inbox'), '', { told: soon })
  return computed(() => query.data.value)
}
