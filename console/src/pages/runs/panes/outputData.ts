/** The hosts of a step grouped by what they printed. */

import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useFreshBy, whileAway } from '@/live/fresh'
import { isMeant } from '@/model/outputNames'

export type OutputGroup = components['schemas']['OutputGroupView']
export type Outputs = components['schemas']['OutputsAnswer']

export const NORMS = ['exact', 'times', 'numbers', 'address'] as const
export type Norm = (typeof NORMS)[number]

interface Step { readonly jobId: number; readonly stepId: number; readonly attempt: number }

const LOOK_MS = 2_000

/** Ask for the groups of a step again, whoever shows them, when its hosts move. */
export function useOutputNews(step: Ref<Pick<Step, 'jobId' | 'stepId'>>, news: Ref<number>): void {
  const client = useQueryClient()
  useFreshBy(() => news.value, () => client.invalidateQueries({ queryKey: ['outputs', step.value.jobId, step.value.stepId] }), LOOK_MS)
}

/** Ask for the groups; `useOutputNews` asks again as hosts move. */
export function useOutputs(step: Ref<Step>, norm: Ref<Norm>, isOn: Ref<boolean>, members = false) {
  const away = whileAway(LOOK_MS)
  return reactive(useQuery({
    queryKey: computed(() => ['outputs', step.value.jobId, step.value.stepId, step.value.attempt, norm.value, members]),
    queryFn: () => {
      const { jobId, stepId, attempt } = step.value
      const path = { job_id: jobId, step_id: stepId }
      return ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/outputs', { params: { path, query: { norm: norm.value, attempt, members, limit: 200 } } }))
    },
    enabled: isOn,
    // The server looks at what is still to be looked at when it is asked; what runs is told of as long as there is a stream.
    refetchInterval: (query) => {
      const { pending = 0, running = 0 } = query.state.data ?? {}
      return pending > 0 || (running > 0 && away.value !== false) ? LOOK_MS : false
    },
    // What stays while it is grouped in another way goes with the step and the attempt that it is of.
    placeholderData: (before, asked) => (asked?.queryKey[2] === step.value.stepId && asked.queryKey[3] === step.value.attempt ? before : undefined),
  }))
}

/** Return what asks which tasks are in which group. */
export function useMembers() {
  const client = useQueryClient()
  return ({ jobId, stepId, attempt }: Step, norm: Norm): Promise<Outputs> =>
    client.fetchQuery({
      queryKey: ['outputs', jobId, stepId, attempt, norm, true],
      queryFn: () => ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/outputs', { params: { path: { job_id: jobId, step_id: stepId }, query: { norm, attempt, members: true, limit: 200 } } })),
    })
}

/** Return the tasks of the groups with these letters (or keys), for a filter. */
export function tasksIn(outputs: Outputs | undefined, letters: readonly string[]): Set<number> {
  const places = new Set(outputs?.groups.flatMap((group, place) => (isMeant(group, letters) ? [place] : [])))
  return new Set(outputs?.members?.task_id.filter((_, at) => places.has(outputs.members?.group[at] ?? -1)))
}
