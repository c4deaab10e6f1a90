/** Why a host of a step ended as it did. */

import { useQuery } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { TaskKey } from './logSource'

const LOOK_MS = 2_000

/** Ask why; again while it has not ended. */
export function useWhy(key: Ref<TaskKey | undefined>) {
  return reactive(useQuery({
    queryKey: computed(() => ['why', key.value]),
    queryFn: () => {
      const { job, step, task } = key.value as TaskKey
      return ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/why', { params: { path: { job_id: job, step_id: step, task_id: task } } }))
    },
    enabled: computed(() => key.value !== undefined),
    refetchInterval: (query) => (query.state.data && query.state.data.ended_at === null ? LOOK_MS : false),
  }))
}
