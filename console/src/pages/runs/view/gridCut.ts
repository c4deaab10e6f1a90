/** What the grid is cut into: its batches, or where its hosts stand in the topology. */

import { useQuery } from '@tanstack/vue-query'
import { computed, type ComputedRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, ask } from '@/api/client'
import type { StepHosts } from '@/live/hosts'
import { byBatch, cutBy, uncut, type Cut } from '@/model/gridSections'
import type { Sections } from './address'

/** Hosts do not move about while one looks. */
const FRESH_MS = 60_000

interface Step { readonly jobId: number; readonly stepId: number }

/** Return what cuts an order of hosts; until it is known where they stand, nothing is cut. */
export function useGridCut(step: Ref<Step | undefined>, sections: Ref<Sections>, hosts: StepHosts): ComputedRef<(order: Uint32Array) => Cut> {
  const { t } = useI18n()
  const level = computed(() => (sections.value === 'set' || sections.value === 'module' ? sections.value : undefined))
  const query = useQuery({
    queryKey: ['host-places', step, level],
    enabled: () => step.value !== undefined && level.value !== undefined,
    queryFn: ({ signal }) => ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/places', {
      params: { path: { job_id: step.value?.jobId ?? 0, step_id: step.value?.stepId ?? 0 }, query: { level: level.value ?? 'set' } }, signal,
    })),
    staleTime: FRESH_MS,
  })
  const standing = computed(() => {
    const found = query.data.value
    if (!found) return undefined
    void hosts.version.value
    const nodeOf = new Map(found.host_id.map((host, at) => [host, found.node[at] as number]))
    return { nodes: found.nodes, numbers: Uint16Array.from({ length: hosts.count }, (_, index) => nodeOf.get(hosts.hostId[index] as number) ?? found.nodes.length) }
  })
  return computed(() => {
    const cut = level.value === undefined ? undefined : standing.value
    if (cut) return (order) => cutBy(order, cut.numbers, (number) => cut.nodes[number]?.name ?? t('runview.cut.nowhere'))
    return sections.value === 'batch' ? (order) => byBatch(order, hosts.batch) : uncut
  })
}
