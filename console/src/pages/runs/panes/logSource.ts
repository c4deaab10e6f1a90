/** One host's log as a page reads it: what is looked at first, then the rest, then what comes. */

import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue'
import { api, ask, base } from '@/api/client'
import type { components } from '@/api/schema'
import { lineStatus, useStream } from '@/live/stream'
import { oneAtATime } from '@/model/calmly'
import { KEPT_LINES, LogLines, textsOf, type LineRange } from '@/model/logLines'

export type LinesAnswer = components['schemas']['LinesAnswer']

export interface TaskKey {
  readonly job: number
  readonly step: number
  readonly task: number
}

export interface LogSource {
  /** The lines; `version` says when there are others. */
  readonly lines: ShallowRef<LogLines>
  readonly version: Ref<number>
  /** What the last answer says of the whole log. */
  readonly state: ShallowRef<LinesAnswer | undefined>
  readonly error: ShallowRef<unknown>
  readonly isBusy: Ref<boolean>
  /** Say which lines are looked at. */
  want(first: number, last: number): void
  /** Read lines that may be anywhere, by their numbers. */
  wantNumbers(numbers: readonly number[]): void
  /**
   * Return the texts of lines; those that are not here are read.
   *
   * @throws ApiError, RangeError: they cannot be read, or are not there any more.
   */
  texts(range: LineRange): Promise<string[]>
  retry(): void
}

const FIRST = 500
/** What the server gives at most. */
const SHARE = 10_000
const AROUND = 200
const NUMBERS = 200
/** News come by the stream; this is for when it is cut. */
const LOOK_MS = 5_000

export const pathOf = (key: TaskKey) => `api/v1/jobs/${key.job}/steps/${key.step}/tasks/${key.task}`
export const addressOf = (path: string) => `${base}${path}`

async function read(key: TaskKey, query: { from?: number; count?: number; numbers?: string }): Promise<LinesAnswer> {
  const path = { job_id: key.job, step_id: key.step, task_id: key.task }
  return ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/tasks/{task_id}/log', { params: { path, query } }))
}

/** Read the log of the task that is looked at; a log of another task begins anew. */
export function useLog(key: Ref<TaskKey | undefined>): LogSource {
  const lines = shallowRef(new LogLines())
  const version = ref(0)
  const state = shallowRef<LinesAnswer>()
  const error = shallowRef<unknown>()
  const isBusy = ref(false)
  let wanted: [number, number] = [1, FIRST]
  let numbers: number[] = []
  let turn = 0
  // There was news while something else was asked for, or nobody looked.
  let isMissed = false

  function next(): { from?: number; count?: number; numbers?: string } | undefined {
    if (state.value === undefined) return { from: 1, count: FIRST }
    const log = lines.value
    const missing = numbers.filter((number) => log.text(number) === undefined).slice(0, NUMBERS)
    if (missing.length > 0) return { numbers: missing.join(',') }
    const near = log.missing(wanted[0] - AROUND, wanted[1] + AROUND, SHARE)
    const found = near ?? (log.total <= KEPT_LINES ? log.missing(1, log.total, SHARE) : undefined)
    return found && { from: found[0], count: found[1] }
  }

  async function pump(): Promise<void> {
    if (isBusy.value || key.value === undefined) return
    const mine = turn
    isBusy.value = true
    try {
      for (let query = next(); query !== undefined; query = next()) {
        const answer = await read(key.value, query)
        if (mine !== turn) return
        take(answer)
        if (answer.number.length === 0) break
      }
      error.value = undefined
    } catch (failure) {
      if (mine === turn) error.value = failure
    } finally {
      if (mine === turn) isBusy.value = false
    }
    if (isMissed && !document.hidden) void look()
  }

  function take(answer: LinesAnswer): void {
    lines.value.put(answer)
    lines.value.trim(wanted[0])
    state.value = answer
    version.value += 1
  }

  // What comes: the last line may have grown, so it is asked for again.
  async function look(): Promise<void> {
    if (key.value === undefined || state.value === undefined || state.value.finished) return
    // Who looks elsewhere for a moment gets it when they are back: the stream does not tell it again.
    if (isBusy.value || document.hidden) {
      isMissed = true
      return
    }
    const mine = turn
    isMissed = false
    try {
      const answer = await read(key.value, { from: Math.max(1, lines.value.total), count: SHARE })
      if (mine !== turn) return
      if (answer.after !== state.value?.after || answer.finished) take(answer)
      error.value = undefined
      void pump()
    } catch (failure) {
      if (mine === turn) error.value = failure
    }
  }

  function begin(): void {
    turn += 1
    lines.value = new LogLines()
    state.value = undefined
    error.value = undefined
    isBusy.value = false
    wanted = [1, FIRST]
    numbers = []
    version.value += 1
    void pump()
  }

  watch(() => key.value && `${key.value.job}/${key.value.step}/${key.value.task}`, begin, { immediate: true })
  const news = oneAtATime(look)
  const topic = () => (key.value && state.value && !state.value.finished ? `log:${key.value.task}@${key.value.job}` : undefined)
  useStream(topic, '', { told: () => void news(), anew: () => void news() })
  const timer = setInterval(() => lineStatus.value.state !== 'live' && void news(), LOOK_MS)
  const shown = () => !document.hidden && isMissed && void news()
  document.addEventListener('visibilitychange', shown)
  onScopeDispose(() => {
    turn += 1
    clearInterval(timer)
    document.removeEventListener('visibilitychange', shown)
  })
  return {
    lines, version, state, error, isBusy,
    want: (first, last) => {
      wanted = [first, last]
      void pump()
    },
    wantNumbers: (given) => {
      numbers = [...given]
      void pump()
    },
    texts: (range) => {
      const of = key.value
      return of === undefined ? Promise.resolve([]) : textsOf(lines.value, range, (from, count) => read(of, { from, count: Math.min(count, SHARE) }))
    },
    retry: () => (state.value === undefined ? begin() : void pump()),
  }
}
