/** What home and the top bar ask the server, anew when the stream tells of it. */

import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { reactive, type ComputedRef } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { zone } from '@/app/theme'
import { useFresh, whileAway } from '@/live/fresh'
import { present } from '@/model/attention'
import { spanOf } from '@/model/days'

export type RunLine = components['schemas']['RunLine']

/** What somebody is asked about: the run as it is when they are asked. */
export interface RetryWish {
  readonly run: RunLine
  readonly action: RunLine['actions'][number]
}

/** Return where the runs with some statuses are all listed; `since` as its page writes it. */
export const runsAt = (scope: { readonly path: string }, status: string, since = '') => ({ path: `${scope.path}/runs`, query: { status, ...(since ? { since } : {}) } })

const OFTEN_MS = 10_000
const SELDOM_MS = 60_000
const DAY_MS = 86_400_000
/** Home is looked at, not worked with: two seconds are soon enough. */
const PAUSE_MS = 2_000

const usual = { placeholderData: keepPreviousData }

/** Runs with some statuses, newest first. */
export function useRuns(scope: ComputedRef<string>, status: string, length: number, withinDays = 30, eta = false) {
  const since = () => (Math.floor(Date.now() / 60_000) * 60_000) - withinDays * DAY_MS + 60_000
  const query = useQuery({
    ...usual,
    queryKey: ['home', 'runs', scope, status, length],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/runs', { params: { query: { scope: scope.value, status, length, since: since(), eta } }, signal })),
    // The stream tells of runs that begin and end; how far they are is asked for.
    refetchInterval: OFTEN_MS,
    enabled: () => scope.value !== '',
  })
  useFresh(['runs'], () => scope.value || undefined, () => query.refetch(), PAUSE_MS)
  return reactive(query)
}

/** What waits for a person. */
export function useApprovals(scope: ComputedRef<string>) {
  const query = useQuery({
    ...usual,
    queryKey: ['home', 'approvals', scope],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/approvals', { params: { query: { scope: scope.value } }, signal })),
    refetchInterval: whileAway(OFTEN_MS),
    enabled: () => scope.value !== '',
  })
  useFresh(['inbox'], () => scope.value || undefined, () => query.refetch(), PAUSE_MS)
  return reactive(query)
}

/** Starts that wait for a second person. */
export function useStartRequests(scope: ComputedRef<string>) {
  const query = useQuery({
    ...usual,
    queryKey: ['home', 'start requests', scope],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/start-requests', { params: { query: { scope: scope.value } }, signal })),
    refetchInterval: whileAway(OFTEN_MS),
    enabled: () => scope.value !== '',
  })
  useFresh(['inbox'], () => scope.value || undefined, () => query.refetch(), PAUSE_MS)
  return reactive(query)
}

/** The schedules that are on: those that fire within a day, with the hosts that they would start on, or those that fail most often. */
export function useSchedules(scope: ComputedRef<string>, order: 'next' | 'failures', length: number) {
  const those = () => (order === 'failures' ? { failing: true } : { fires_before: Date.now() + DAY_MS, hosts: true })
  const query = useQuery({
    ...usual,
    queryKey: ['home', 'schedules', scope, order, length],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/schedules', { params: { query: { scope: scope.value, enabled: true, ...those(), order, length } }, signal })),
    refetchInterval: whileAway(SELDOM_MS),
  })
  useFresh(['schedules'], () => scope.value || undefined, () => query.refetch(), PAUSE_MS)
  return reactive(query)
}

/** How many hosts are ready. */
export function useFleet(scope: ComputedRef<string>) {
  const query = useQuery({
    ...usual,
    queryKey: ['home', 'fleet', scope],
    queryFn: ({ signal }) => ask(api.GET('/api/v1/hosts', { params: { query: { scope: scope.value, length: 1 } }, signal })),
    refetchInterval: whileAway(SELDOM_MS),
  })
  useFresh(['agents'], () => scope.value || undefined, () => query.refetch(), PAUSE_MS)
  return reactive(query)
}

/** When runs began in the last two weeks. */
export function useSpans(scope: ComputedRef<string>, days: number) {
  return reactive(useQuery({
    ...usual,
    queryKey: ['home', 'hours', scope, days, zone],
    // Spans that make whole days where somebody looks from: a bar is as many as the list that it leads to.
    queryFn: ({ signal }) => ask(api.GET('/api/v1/runs/hours', { params: { query: { scope: scope.value, since: Date.now() - days * DAY_MS, span_ms: spanOf(Date.now(), days, zone.value) } }, signal })),
    refetchInterval: SELDOM_MS,
  }))
}

/** The plans that somebody has marked, at most so many of them, and how many more there are. */
export function useFavourites(scope: ComputedRef<string>, most: ComputedRef<number>) {
  return reactive(useQuery({
    ...usual,
    queryKey: ['home', 'favourites', scope, most],
    queryFn: async ({ signal }) => {
      const { favourites } = await ask(api.GET('/api/v1/favourites', { params: { query: { scope: scope.value } }, signal }))
      const ids = favourites.filter((one) => one.kind === 'plan').map((one) => Number(one.id))
      const asked = await Promise.allSettled(ids.slice(0, most.value).map((id) => plan(scope.value, id, signal)))
      // A plan that is gone is no favourite any more; one that could not be asked for is.
      return { plans: present(asked), more: Math.max(0, ids.length - most.value) }
    },
    refetchInterval: SELDOM_MS,
  }))
}

async function plan(scope: string, plan_id: number, signal: AbortSignal) {
  const params = { path: { plan_id }, query: { scope } }
  const [found, last] = await Promise.all([ask(api.GET('/api/v1/plans/{plan_id}', { params, signal })), ask(api.GET('/api/v1/plans/{plan_id}/last-run', { params, signal }))])
  return { found, last: last.job, usualMs: last.usual_ms, usualRuns: last.usual_runs }
}
