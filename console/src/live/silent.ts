/** The hosts of a step whose agents are awaited and not heard of. */

import { useQuery } from '@tanstack/vue-query'
import { computed, type ComputedRef, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { RunStep } from './run'
import { whileAway } from './fresh'

const AWAY_MS = 10_000
const NONE: ReadonlySet<number> = new Set()

/** Return the tasks of the silent hosts of a step, asked for again when the run tells of another number; undefined asks nothing. */
export function useSilent(jobId: Ref<number>, step: Ref<RunStep | undefined>): ComputedRef<ReadonlySet<number>> {
  const query = useQuery({
    queryKey: ['silent', jobId, computed(() => step.value?.id), computed(() => step.value?.silent?.hosts ?? 0)],
    enabled: () => step.value !== undefined,
    queryFn: ({ signal }) => ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/silent', {
      params: { path: { job_id: jobId.value, step_id: step.value?.id ?? 0 } }, signal,
    })),
    staleTime: 0,
    placeholderData: (before) => before,
    refetchInterval: whileAway(AWAY_MS),
  })
  return computed(() => (query.data.value ? new Set(query.data.value.task_id) : NONE))
}
