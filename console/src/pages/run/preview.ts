/** What a start would do, asked of the server while the form changes; used by quick runs, plans and schedules. */

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { reactive, shallowRef, watch, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { lackWords } from '@/ui/permission'

export type Preview = components['schemas']['PreviewAnswer']
/** Exactly one of `script`, `sql`, `files`, `plan`: the request of the start as it would be sent. */
export type PreviewBody = components['schemas']['WantPreview']

/** Return what a problem says: the permissions that are missing and who grants them, or the server's words. */
export function problemWords(problem: Preview['problems'][number]): string {
  return problem.lacks.length ? lackWords(problem.lacks, problem.granted_by) : problem.message
}

/** Return the first thing that stands in the way of a start, in words. */
export function firstProblem(told: Preview): string | undefined {
  const problem = [...told.problems, ...told.steps.flatMap((step) => step.problems)][0]
  return problem && problemWords(problem)
}

const PAUSE_MS = 400

let asked = 0

/** Return a query for what a start would do; `body` is undefined while something is missing. */
export function usePreview(body: Ref<PreviewBody | undefined>) {
  const settled = shallowRef(body.value)
  // A number stands for the request in the cache: a script as its own key would be kept, and hashed, for each pause of whoever writes it.
  const number = (asked += 1)
  const turn = shallowRef(0)
  watch(settled, () => (turn.value += 1), { flush: 'sync' })
  watch(body, (told, _, onCleanup) => {
    const timer = setTimeout(() => (settled.value = told), told === undefined ? 0 : PAUSE_MS)
    onCleanup(() => clearTimeout(timer))
  })
  const query = useQuery({
    queryKey: ['preview', number, turn],
    gcTime: 0,
    queryFn: ({ signal }) => ask(api.POST('/api/v1/preview', { body: settled.value as PreviewBody, signal })),
    enabled: () => settled.value !== undefined,
    placeholderData: keepPreviousData,
    // Agents come and go: what was true a while ago is asked again before it is shown as true.
    staleTime: 5_000,
    refetchInterval: 30_000,
  })
  /** Whether what is shown is about what the form says now. */
  const isCurrent = () => settled.value === body.value && !query.isPlaceholderData.value && !query.isPending.value
  return { query: reactive(query), settled, isCurrent }
}
