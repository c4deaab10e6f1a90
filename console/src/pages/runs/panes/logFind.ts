/** Searching in a log: here when all of it is here, else by the server; with true counts either way. What is looked for stands in the address. */

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { flag, oneOf, text as words, useQuery } from '@/app/useQuery'
import { findHere, NO_HITS, nextHit, type Hits } from '@/model/logLines'
import type { LogSource, TaskKey } from './logSource'

const KINDS = ['plain', 'regex', 'error'] as const
export type FindKind = (typeof KINDS)[number]
/** How many lines are shown around each match, as the address says it; nothing shows all lines. */
const AROUND = ['', '0', '1', '3', '10'] as const
export const CONTEXTS = AROUND.slice(1).map(Number)

export interface LogFind {
  readonly text: Ref<string>
  readonly kind: Ref<FindKind>
  readonly matchCase: Ref<boolean>
  /** Show matches only, with so many lines around each; undefined shows all lines. */
  readonly context: Ref<number | undefined>
  readonly hits: ShallowRef<Hits>
  readonly error: ShallowRef<unknown>
  readonly isBusy: Ref<boolean>
  /** What was found is not of what is looked for now: the search is still to come. */
  readonly isNew: Ref<boolean>
  readonly isOn: ComputedRef<boolean>
  /** The line of the match that one stands at, 0 for none; and its place among the listed ones. */
  readonly current: Ref<number>
  readonly place: ComputedRef<number>
  step(by: 1 | -1, from?: number): number
}

const LISTED = 10_000
const PAUSE_MS = 150
/** How soon a log that has grown is searched again, here and by the server. */
const GROWN_MS = 300
const GROWN_AT_SERVER_MS = 1_000

interface Sought {
  readonly q: string
  readonly kind: FindKind
  readonly case: boolean
}

async function atServer({ job, step, task }: TaskKey, sought: Sought): Promise<Hits> {
  const path = { job_id: job, step_id: step, task_id: task }
  const found = await ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log/search', { params: { path, query: { ...sought, limit: LISTED } } }))
  const spans = new Map(found.lines.map((line, index) => [line, (found.spans[index] ?? []) as [number, number][]]))
  return { matches: found.matches, matchingLines: found.matching_lines, lines: found.lines, spans, isComplete: found.complete }
}

/** Search in a log whenever what is looked for, or the log, has changed. */
export function useLogFind(key: Ref<TaskKey | undefined>, log: Pick<LogSource, 'lines' | 'version' | 'state'>, elsewhere = atServer): LogFind {
  const { query, set } = useQuery({ find: words(), how: oneOf(KINDS, 'plain'), case: flag(), around: oneOf(AROUND, '') })
  const text = computed({ get: () => query.value.find, set: (find) => set({ find }) })
  const kind = computed({ get: () => query.value.how, set: (how) => set({ how }) })
  const matchCase = computed({ get: () => query.value.case, set: (exact) => set({ case: exact }) })
  const context = computed({
    get: () => (query.value.around === '' ? undefined : Number(query.value.around)),
    set: (lines) => set({ around: AROUND.find((one) => one !== '' && Number(one) === lines) ?? '' }),
  })
  const hits = shallowRef<Hits>(NO_HITS)
  const error = shallowRef<unknown>()
  const isBusy = ref(false)
  const isNew = ref(false)
  const current = ref(0)
  const isOn = computed(() => kind.value === 'error' || text.value !== '')
  let turn = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let isGrown = false

  async function search(): Promise<void> {
    const mine = ++turn
    if (!isOn.value || key.value === undefined) {
      hits.value = NO_HITS
      error.value = undefined
      isNew.value = false
      return
    }
    // Nothing is known of the log yet: the watch of it comes back here.
    if (log.state.value === undefined) return
    if (kind.value === 'plain' && log.lines.value.isWhole) {
      hits.value = findHere(log.lines.value, text.value, matchCase.value)
      error.value = undefined
      isNew.value = false
      return
    }
    isBusy.value = true
    try {
      const found = await elsewhere(key.value, { q: text.value, kind: kind.value, case: matchCase.value })
      if (mine === turn) [hits.value, error.value] = [found, undefined]
    } catch (failure) {
      if (mine === turn) [hits.value, error.value] = [NO_HITS, failure]
    } finally {
      if (mine === turn) end()
    }
  }

  function end(): void {
    isBusy.value = isNew.value = false
    if (isGrown) soon(GROWN_AT_SERVER_MS)
    isGrown = false
  }

  const soon = (pause: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      timer = undefined
      void search()
    }, pause)
  }
  // A log that grows is searched again, but never more often than one can read. Lines that keep coming put off no search that is still to come, and throw away none that is on its way.
  function grown(): void {
    if (isBusy.value) isGrown = true
    else if (isOn.value && timer === undefined) soon(GROWN_MS)
  }
  // Once more for each log: what was found is of the one before.
  watch([text, kind, matchCase, () => key.value?.task], () => {
    current.value = 0
    isNew.value = isOn.value
    // What is still on its way was looked for before.
    turn += 1
    isBusy.value = isGrown = false
    soon(PAUSE_MS)
  }, { immediate: true })
  watch(() => key.value?.task, () => (hits.value = NO_HITS))
  watch(() => log.state.value !== undefined, (known) => known && isOn.value && soon(0))
  watch([log.version, () => log.state.value?.after], grown)
  onScopeDispose(() => clearTimeout(timer))

  return {
    text, kind, matchCase, context, hits, error, isBusy, isNew, isOn, current,
    place: computed(() => hits.value.lines.indexOf(current.value)),
    step: (by, from = current.value) => {
      const at = nextHit(hits.value.lines, from, by)
      current.value = hits.value.lines[at] ?? 0
      return current.value
    },
  }
}
