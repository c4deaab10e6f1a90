/** Why a host of a step ended as it did. */

import { useQuery } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import { useFreshBy, whileAway } from '@/live/fresh'
import { useHostView } from '../view/hostView'
import type { TaskKey } from './logSource'

const LOOK_MS = 2_000

/** Ask why; again when the stream tells of this host, and while it has not ended and there is no stream. */
export function useWhy(key: Ref<TaskKey | undefined>) {
  const { hosts } = useHostView()
  const away = whileAway(LOOK_MS)
  const query = useQuery({
    queryKey: computed(() => ['why', key.value]),
    queryFn: () => {
      const { job, step, task } = key.value as TaskKey
      return ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/why', { params: { path: { job_id: job, step_id: step, task_id: task } } }))
    },
    enabled: computed(() => key.value !== undefined),
    refetchInterval: (asked) => (asked.state.data && asked.state.data.ended_at === null ? away.value : false),
  })
  const stands = computed(() => {
    void hosts.news.value
    const index = Array.prototype.indexOf.call(hosts.logTaskId, key.value?.task)
    return `${key.value?.task}: ${hosts.status[index]}`
  })
  useFreshBy(() => stands.value, () => key.value && query.refetch(), 0)
  return reactive(query)
}
