/** What waits for a person in a scope: asked again when the stream says so, and whenever somebody decided. */

import { useQuery } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useWrite, type After } from '@/app/useWrite'
import { useFresh, whileAway } from '@/live/fresh'
import { operate, tellRefusal } from '@/live/operate'

export type Approval = components['schemas']['ApprovalView']
export interface Decision {
  readonly approval: Approval
  readonly operation: 'confirm' | 'reject'
  readonly reason: string
}

const AWAY_MS = 10_000
const PAUSE_MS = 200

/** Return the query of a scope's waiting approvals. */
export function useWaiting(scope: Ref<{ readonly text: string }>) {
  const query = useQuery({
    queryKey: computed(() => ['approvals', scope.value.text]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/approvals', { params: { query: { scope: scope.value.text } }, signal })),
    refetchInterval: whileAway(AWAY_MS),
  })
  useFresh(['inbox'], () => scope.value.text, () => query.refetch(), PAUSE_MS)
  return reactive(query)
}

/** Return the write that confirms or rejects; what waits is asked for again, whatever became of it. */
export function useDecision(after: After<Decision, void>) {
  return useWrite(({ approval: { job_id, step_id, version }, operation, reason }: Decision) => operate(job_id, { name: operation, step_id }, { version, reason }), { refused: tellRefusal, ...after, anyhow: [['approvals']] })
}
