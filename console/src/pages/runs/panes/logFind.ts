/** Searching in a log: here when all of it is here, else by the server; with true counts either way. */

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { api, ask } from '@/api/client'
import { findHere, NO_HITS, nextHit, type Hits } from '@/model/logLines'
import type { LogSource, TaskKey } from './logSource'

export type FindKind = 'plain' | 'regex' | 'error'

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

/** Search in a log whenever what is looked for, or the log, has changed. */
export function useLogFind(key: Ref<TaskKey | undefined>, log: LogSource): LogFind {
  const [text, kind, matchCase] = [ref(''), ref<FindKind>('plain'), ref(false)]
  const context = ref<number>()
  const hits = shallowRef<Hits>(NO_HITS)
  const error = shallowRef<unknown>()
  const isBusy = ref(false)
  const isNew = ref(false)
  const current = ref(0)
  const isOn = computed(() => kind.value === 'error' || text.value !== '')
  let turn = 0
  let timer = 0

  async function search(): Promise<void> {
    const mine = ++turn
    if (!isOn.value || key.value === undefined) {
      hits.value = NO_HITS
      error.value = undefined
      isNew.value = false
      return
    }
    if (kind.value === 'plain' && log.lines.value.isWhole) {
      hits.value = findHere(log.lines.value, text.value, matchCase.value)
      error.value = undefined
      isNew.value = false
      return
    }
    isBusy.value = true
    try {
      const found = await atServer(key.value)
      if (mine === turn) [hits.value, error.value] = [found, undefined]
    } catch (failure) {
      if (mine === turn) [hits.value, error.value] = [NO_HITS, failure]
    } finally {
      if (mine === turn) isBusy.value = isNew.value = false
    }
  }

  async function atServer({ job, step, task }: TaskKey): Promise<Hits> {
    const path = { job_id: job, step_id: step, task_id: task }
    const query = { q: text.value, kind: kind.value, case: matchCase.value, limit: LISTED }
    const found = await ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log/search', { params: { path, query } }))
    const spans = new Map(found.lines.map((line, index) => [line, (found.spans[index] ?? []) as [number, number][]]))
    return { matches: found.matches, matchingLines: found.matching_lines, lines: found.lines, spans, isComplete: found.complete }
  }

  const soon = (pause: number) => {
    clearTimeout(timer)
    timer = window.setTimeout(() => void search(), pause)
  }
  watch([text, kind, matchCase], () => {
    current.value = 0
    isNew.value = isOn.value
    soon(PAUSE_MS)
  })
  // A log that grows is searched again, but never more often than one can read; a search that is still to come is not put off by it.
  watch([log.version, () => log.state.value?.after], () => isOn.value && (isBusy.value || !isNew.value) && soon(isBusy.value ? 1000 : 300))
  watch(() => key.value?.task, () => (current.value = 0))
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
