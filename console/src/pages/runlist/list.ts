/** The runs of a list, asked by the filters of the address, and kept fresh without moving. */

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, onScopeDispose, reactive, shallowRef, watch, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useStream } from '@/live/stream'
import { mergeRows } from '@/model/runRows'

export type RunLine = components['schemas']['RunLine']

export interface RunFilter {
  /** Empty for all: the list of administrators. */
  readonly scope: string
  readonly since: number | undefined
  readonly until: number | undefined
  readonly status: string
  readonly by: string
  readonly name: string
  readonly via: '' | 'page' | 'api' | 'schedule'
  readonly type: '' | 'plan' | 'script' | 'file'
  readonly host: string
  readonly app: string
  readonly plan_id: number | undefined
  readonly schedule_id: number | undefined
}

export const PAGE = 30
const MORE = 50
const PAUSE_MS = 1000
/** No stream tells of the runs of all. */
const ALL_MS = 5_000

const asked = (filter: RunFilter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')) as unknown as RunFilter & { scope: string }
function askRuns(filter: RunFilter, start: number, length: number, signal?: AbortSignal) {
  const params = { query: { ...asked(filter), start, length } as never }
  const more = signal ? { params, signal } : { params }
  return ask(filter.scope ? api.GET('/api/v1/runs', more) : api.GET('/api/v1/platform/runs', more))
}

/** Return the runs of a page, updated in place; `news` counts what `adopt` would show. */
export function useRuns(filter: Ref<RunFilter>, page: Ref<number>) {
  const key = computed(() => JSON.stringify([filter.value, page.value]))
  const query = useQuery({
    queryKey: ['runs', key],
    queryFn: ({ signal }) => askRuns(filter.value, (page.value - 1) * PAGE, PAGE, signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
    // The stream tells what is new; rows that come by themselves when somebody is back would make the list jump.
    refetchOnWindowFocus: false,
  })
  const rows = shallowRef<readonly RunLine[]>([])
  const news = shallowRef(0)
  const total = shallowRef(0)
  const left = shallowRef<ReadonlySet<number>>(new Set())
  watch(query.data, (told) => {
    rows.value = told?.runs ?? []
    total.value = told?.total ?? 0
    news.value = 0
    left.value = new Set()
  }, { immediate: true })

  let timer = 0
  let again = false
  async function refresh(): Promise<void> {
    const of = key.value
    // More than a page: what came since has moved the last ones of it down.
    const start = (page.value - 1) * PAGE
    const told = await askRuns(filter.value, start, PAGE + MORE).catch(() => undefined)
    if (!told || of !== key.value) return
    const merged = mergeRows(rows.value, told.runs, start + told.runs.length >= told.total)
    rows.value = merged.rows
    total.value = told.total
    left.value = merged.left
    news.value = page.value === 1 ? merged.news : 0
  }
  // At most one look a second, however much happens; the last change is never missed.
  function soon(): void {
    if (timer) {
      again = true
      return
    }
    timer = window.setTimeout(() => {
      void refresh().finally(() => {
        timer = 0
        if (again) {
          again = false
          soon()
        }
      })
    }, PAUSE_MS)
  }
  useStream(() => (filter.value.scope ? `runs:${filter.value.scope}` : undefined), '', { told: soon, anew: soon })
  const often = window.setInterval(() => filter.value.scope === '' && !document.hidden && soon(), ALL_MS)
  onScopeDispose(() => {
    clearInterval(often)
    clearTimeout(timer)
  })
  return { query: reactive(query), rows, news, total, left, refresh: soon, adopt: () => query.refetch() }
}

/** Return when runs began that match. */
export function useHours(filter: Ref<RunFilter>) {
  return reactive(
    useQuery({
      queryKey: ['runs', 'hours', computed(() => JSON.stringify(filter.value))],
      queryFn: ({ signal }) => {
        const given = { params: { query: asked(filter.value) as never }, signal }
        return ask(filter.value.scope ? api.GET('/api/v1/runs/hours', given) : api.GET('/api/v1/platform/runs/hours', given))
      },
      placeholderData: keepPreviousData,
      refetchInterval: 60_000,
    }),
  )
}
