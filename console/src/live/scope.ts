/** What goes on in a scope, in numbers that move by themselves. */

import { useQuery } from '@tanstack/vue-query'
import { computed, type ComputedRef } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useFresh, whileAway } from './fresh'

export type ScopeCounts = components['schemas']['ScopeCounts']

const AWAY_MS = 30_000

/** Count what runs and waits in a scope; undefined while that is not known, or there is no scope. */
export function useScopeCounts(scope: ComputedRef<string | undefined>): ComputedRef<ScopeCounts | undefined> {
  const query = useQuery({
    queryKey: ['runs', 'counts', scope],
    enabled: () => scope.value !== undefined,
    queryFn: ({ signal }) => ask(api.GET('/api/v1/runs/counts', { params: { query: { scope: scope.value ?? '' } }, signal })),
    refetchInterval: whileAway(AWAY_MS),
  })
  useFresh(['runs', 'inbox'], () => scope.value, () => query.refetch())
  return computed(() => query.data.value)
}
