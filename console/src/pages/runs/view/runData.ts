/** The run that a page shows, and whether what is shown is of now. */

import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { isRunOpen } from '@/model/status'

export type Run = components['schemas']['RunAnswer']
export type RunStep = components['schemas']['RunStep']
export type RunBatch = components['schemas']['RunBatch']
export type RunAction = components['schemas']['ActionView']

export interface RunSource {
  readonly run: ComputedRef<Run | undefined>
  readonly query: UseQueryReturnType<Run, Error>
  /** When the last news came (epoch ms) while they should come and do not; null while all is well. */
  readonly staleSince: Ref<number | null>
  refetch(): Promise<unknown>
}

const LOOK_MS = 1_000

/** Give a run, kept up to date while it is open. */
export function useRun(jobId: Ref<number>): RunSource {
  const query = useQuery({
    queryKey: ['run', jobId],
    queryFn: () => ask(api.GET('/api/v1/jobs/{job_id}/run', { params: { path: { job_id: jobId.value } } })),
    refetchInterval: (now) => (isRunOpen(now.state.data?.job.status_code ?? -1) ? LOOK_MS : false),
  })
  const staleSince = ref<number | null>(null)
  watch(query.error, (error) => (staleSince.value = error && query.data.value ? query.dataUpdatedAt.value : null))
  return { run: computed(() => query.data.value), query, staleSince, refetch: () => query.refetch() }
}
