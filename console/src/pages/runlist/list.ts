/** The runs of a list, asked by the filters of the address, and kept fresh without moving. */

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, reactive, shallowRef, watch, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { useStream } from '@/live/stream'
import { mergeRows } from '@/model/runRows'

export type RunLine = components['schemas']['RunLine']

export interface RunFilter {
  readonly scope: string
  readonly since: number | undefined
  readonly until: number | undefined
  readonly status: string
  readonly by: string
  readonly name: string
  readonly via: '' | 'page' | 'api' | 'schedule'
  readonly type: '' | 'plan' | 'script' | 'file'
  readonly host: string
  readonly plan_id: number | undefined
  readonly schedule_id: number | undefined
}

export const PAGE = 30
const MORE = 50
const PAUSE_MS = 1000

const asked = (filter: RunFilter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')) as unknown as RunFilter & { scope: string }

/** Return the runs of a page, updated in place; `news` counts what `adopt` would show. */
export function useRuns(filter: Ref<RunFilter>, page: Ref<number>) {
  const key = computed(() => JSON.stringify([filter.value, page.value]))
  const query = useQuery({
    queryKey: ['runs', key],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/runs', { params: { query: { ...asked(filter.value), start: (page.value - 1) * PAGE, length: PAGE } as never }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
  const rows = shallowRef<readonly RunLine[]>([])
  const news = shallowRef(0)
  watch(query.data, (told) => {
    rows.value = told?.runs ?? []
    news.value = 0
  }, { immediate: true })

  let timer = 0
  let again = false
  async function refresh(): Promise<void> {
    const of = key.value
    const start = (page.value - 1) * PAGE
    const told = await ask(api.GET('/api/v1/runs', { params: { query: { ...asked(filter.value), start, length: page.value === 1 ? PAGE + MORE : PAGE } as never } })).catch(() => undefined)
    if (!told || of !== key.value) return
    const merged = mergeRows(rows.value, told.runs)
    rows.value = merged.rows
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
  useStream(() => `runs:${filter.value.scope}`, '', { told: soon, anew: soon })
  return { query: reactive(query), rows, news, refresh: soon, adopt: () => query.refetch() }
}

/** Return when runs began that match. */
export function useHours(filter: Ref<RunFilter>) {
  return reactive(
    useQuery({
      queryKey: ['runs', 'hours', computed(() => JSON.stringify(filter.value))],
      queryFn: ({ signal }) => ask(api.GET('/api/v1/runs/hours', { params: { query: asked(filter.value) as never }, signal })),
      placeholderData: keepPreviousData,
      refetchInterval: 60_000,
    }),
  )
}
