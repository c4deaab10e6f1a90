/** Starts that wait for a second person in a scope: looked at anew whenever somebody asks or decides. */

import { useQuery } from '@tanstack/vue-query'
import { computed, reactive, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useWrite, type After } from '@/app/useWrite'
import { useFresh, whileAway } from '@/live/fresh'
import type { CodeLanguage } from '@/ui/code/words'
import type { Token } from '@/ui/tokens'

export type StartRequest = components['schemas']['RequestView']
export type RequestDetail = components['schemas']['RequestDetail']
export type Verdict = 'approve' | 'refuse' | 'withdraw'
export interface RequestDecision {
  readonly request: StartRequest
  readonly verdict: Verdict
  readonly answer: string
  /** The digest of what was looked at. */
  readonly seen: string
}

const AWAY_MS = 30_000
const KEY = 'start requests'
const LANGUAGES: readonly string[] = ['shell', 'python', 'perl', 'powershell', 'bat', 'sql'] satisfies CodeLanguage[]

export const REQUEST_TOKENS: Record<StartRequest['state'], Token | undefined> = { pending: 'ask', approved: 'ok', refused: 'fail', withdrawn: 'term', expired: 'wait' }

/** Return how the editor is to colour a script; what is none is a text. */
export const codeLanguage = (name: string): CodeLanguage => (LANGUAGES.includes(name) ? (name as CodeLanguage) : 'text')

/** Return how high an editor is to be for a text: all of a short one, and no more than a screen of a long one. */
export const linesOf = (text: string): number => Math.min(30, Math.max(3, text.split('\n').length + 1))

/** Return the query of a scope's requests. */
export function useRequests(scope: Ref<{ readonly text: string }>) {
  const query = useQuery({
    queryKey: computed(() => [KEY, scope.value.text]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/start-requests', { params: { query: { scope: scope.value.text } }, signal })),
    refetchInterval: whileAway(AWAY_MS),
  })
  useFresh(['inbox'], () => scope.value.text || undefined, () => query.refetch())
  return reactive(query)
}

/** Return the query of what a request would do now. */
export function useRequest(request: Ref<StartRequest>, isOn: Ref<boolean>) {
  return reactive(useQuery({
    queryKey: computed(() => [KEY, request.value.scope, request.value.id]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/start-requests/{request_id}', { params: { path: { request_id: request.value.id }, query: { scope: request.value.scope } }, signal })),
    enabled: isOn,
  }))
}

/** Return the write that decides; it gives the run that an approval started. */
export function useVerdict(after: After<RequestDecision, number | undefined>) {
  return useWrite(async ({ request, verdict, answer, seen }: RequestDecision): Promise<number | undefined> => {
    const [params, scope] = [{ path: { request_id: request.id } }, request.scope]
    if (verdict === 'approve') return (await ask(api.POST('/api/v1/start-requests/{request_id}/approve', { params, body: { scope, seen, answer } }))).job_id
    if (verdict === 'refuse') await ask(api.POST('/api/v1/start-requests/{request_id}/refuse', { params, body: { scope, answer } }))
    else await ask(api.POST('/api/v1/start-requests/{request_id}/withdraw', { params, body: { scope } }))
    return undefined
  }, {
    // Whatever became of it: what waits is asked for again.
    ...after, anyhow: [[KEY], ['runs', 'counts']],
  })
}
