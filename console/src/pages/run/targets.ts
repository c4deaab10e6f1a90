/** What the texts of a box of targets come to, asked of the server while they change. */

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'

export type Resolved = components['schemas']['Resolved']
export type TextView = components['schemas']['TextView']
export type FixView = components['schemas']['FixView']
export type Purpose = 'script' | 'file'

/** Return a query for what texts come to in a scope; old answers stay while new ones come. */
export function useResolved(scope: Ref<string>, texts: Ref<readonly string[]>, action: Ref<Purpose>) {
  return reactive(
    useQuery({
      queryKey: computed(() => ['targets', scope.value, action.value, texts.value]),
      queryFn: () => ask(api.POST('/api/v1/targets/resolve', { body: { scope: scope.value, texts: [...texts.value], action: action.value, show: 0 } })),
      enabled: computed(() => texts.value.length > 0),
      placeholderData: keepPreviousData,
      staleTime: 10_000,
    }),
  )
}

/** Return a query for the topology of a scope. */
export function useTopology(scope: Ref<string>, enabled: Ref<boolean>) {
  return reactive(
    useQuery({
      queryKey: computed(() => ['topology', scope.value]),
      queryFn: () => ask(api.GET('/api/v1/topology', { params: { query: { scope: scope.value } } })),
      enabled,
      staleTime: 60_000,
    }),
  )
}
