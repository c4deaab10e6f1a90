/** Schedules: what the server knows of them, and what can be done to them. */

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ApiError, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useWrite, type After } from '@/app/useWrite'
import { askAgainIn } from '@/model/nextTimes'
import { sameKey } from '@/model/sameKey'

type Schemas = components['schemas']
export type ScheduleLine = Schemas['ScheduleLine']
export type Schedule = Schemas['ScheduleView']
export type Fire = Schemas['FireView']
export type Switch = 'enable' | 'disable'

/** What says when a schedule fires, as the server asks for it. */
export interface Timing {
  readonly expression: string
  readonly execute_at: number | null
  readonly time_zone: string
  readonly end_at: number | null
}

/** Return the query of one schedule, with its values. */
export function useSchedule(id: Ref<number>) {
  return reactive(useQuery({
    queryKey: computed(() => ['schedule', id.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/schedules/{schedule_id}', { params: { path: { schedule_id: id.value } }, signal })),
    enabled: computed(() => id.value > 0),
  }))
}

/** Return the query of a schedule's next moments; `undefined` asks nothing. */
export function useNextTimes(scope: Ref<{ readonly text: string }>, timing: Ref<Timing | undefined>, count = 5) {
  return reactive(useQuery({
    queryKey: computed(() => ['next-times', scope.value.text, timing.value, count]),
    queryFn: ({ signal }) => {
      const { expression, execute_at, time_zone, end_at } = timing.value as Timing
      return ask(api.POST('/api/v1/schedules/next-times', { body: { scope: scope.value.text, expression, time_zone, count, execute_at, end_at }, signal }))
    },
    enabled: computed(() => timing.value !== undefined),
    placeholderData: keepPreviousData,
    staleTime: 0,
    refetchInterval: (asked) => askAgainIn(asked.state.data?.times ?? [], Date.now()),
  }))
}

/** Return the write that lets schedules fire, or keeps them from it. */
export function useSwitch(after: After<{ id: number; to: Switch }, unknown> = {}) {
  return useWrite(({ id, to }: { id: number; to: Switch }) => {
    const wanted = { params: { path: { schedule_id: id } }, body: {} }
    return ask(to === 'enable' ? api.POST('/api/v1/schedules/{schedule_id}/enable', wanted) : api.POST('/api/v1/schedules/{schedule_id}/disable', wanted))
  }, {
    ...after, stale: ({ id }) => [['schedules'], ['schedule', id]],
  })
}

/** Return the write that fires a schedule at once; it answers with the run. */
export function useFire(after: After<number, { job_id: number }>) {
  const key = sameKey()
  const fire = async (id: number) => {
    try {
      const started = await ask(api.POST('/api/v1/schedules/{schedule_id}/fire', { params: { path: { schedule_id: id } }, body: {}, headers: { 'Idempotency-Key': key.of(id) } }))
      key.done()
      return started
    } catch (error) {
      if (error instanceof ApiError) key.refused(error.status)
      throw error
    }
  }
  return useWrite(fire, {
    ...after, stale: (id) => [['schedules'], ['fires', id]],
  })
}
