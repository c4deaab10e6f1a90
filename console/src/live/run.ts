/** A run as its page shows it, kept up to date by the stream, and whether what is shown is of now. */

import { useQuery, useQueryClient, type UseQueryReturnType } from '@tanstack/vue-query'
import { computed, type ComputedRef, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { staleSince } from './stale'
import { useStream, type Told } from './stream'

export type Run = components['schemas']['RunAnswer']
export type RunStep = components['schemas']['RunStep']
export type RunBatch = components['schemas']['RunBatch']
export type RunAction = components['schemas']['ActionView']
export type RunState = components['schemas']['RunState']
type RunMoved = Told & { readonly run: RunState }

export interface RunSource {
  readonly run: ComputedRef<Run | undefined>
  readonly query: UseQueryReturnType<Run, Error>
  /** When the last news came (epoch ms) while they should come and do not; null while all is well. */
  readonly staleSince: Ref<number | null>
  refetch(): Promise<unknown>
}

/** Return a run as it stands by what the stream tells; what depends on who looks stays until it is asked for again. */
export function merged(run: Run, state: RunState): Run {
  if (state.now < run.now) return run
  const { id: _id, status, steps, counts, progress, rate_per_s, eta, stopping, version, now, ...times } = state
  return { ...run, job: { ...run.job, ...times, status_code: status }, steps, counts, progress, rate_per_s, eta, stopping, version, now }
}

/** Give a run, kept up to date as long as the calling component lives. */
export function useRun(jobId: Ref<number>): RunSource {
  const client = useQueryClient()
  const key = computed(() => ['run', jobId.value])
  const query = useQuery({
    queryKey: ['run', jobId],
    queryFn: () => ask(api.GET('/api/v1/jobs/{job_id}/run', { params: { path: { job_id: jobId.value } } })),
  })
  const take = (told: RunMoved) => {
    const before = client.getQueryData<Run>(key.value)
    if (!before || before.job.id !== told.run.id) return
    client.setQueryData(key.value, merged(before, told.run))
    // What may be done is another thing for everybody: it is asked for, but only when it has changed.
    if (before.version !== told.run.version) void query.refetch()
  }
  useStream(() => `run:${jobId.value}`, () => query.data.value?.cursor, {
    told: (told) => take(told as RunMoved),
    anew: () => void query.refetch(),
    gone: () => void query.refetch(),
  })
  return { run: computed(() => query.data.value), query, staleSince, refetch: () => query.refetch() }
}
