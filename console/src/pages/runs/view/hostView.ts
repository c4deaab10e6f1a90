/** The hosts of a step as they are looked at: filtered, ordered, with one of them open and some of them chosen. */

import { computed, inject, provide, shallowRef, watch, type ComputedRef, type InjectionKey, type ShallowRef } from 'vue'
import { oneOf, useQuery } from '@/app/useQuery'
import { NORMS, tasksIn, useOutputNews, useOutputs } from '../panes/outputData'
import { useHosts, type StepHosts } from '@/live/hosts'
import { useSilent } from '@/live/silent'
import type { CopiedHost } from '@/model/copyHosts'
import { uncut, type Cut } from '@/model/gridSections'
import { countFacets, filterHosts, nextFailed, parseSort, sortHosts, type FacetCounts, type HostFilter, type Sort } from '@/model/facets'
import { letterOf } from '@/model/outputNames'
import { isRunOpen } from '@/model/status'
import { useGridCut } from './gridCut'
import { shownColumns, type HostColumn } from './hostColumns'
import { useLetters, type OutputLetters } from './outputLetters'
import type { RunPage } from './page'

export interface HostView {
  readonly hosts: StepHosts
  readonly filter: ComputedRef<HostFilter>
  readonly isFiltered: ComputedRef<boolean>
  /** What the hosts are ordered by: what the address says, else what is usual in its view. */
  readonly sort: ComputedRef<Sort>
  /** Indexes of the hosts that are shown, in the order in which they are. */
  readonly order: ComputedRef<Uint32Array>
  /** The order with the sections of the grid; one section in other views. */
  readonly cut: ComputedRef<Cut>
  readonly counts: ComputedRef<FacetCounts>
  /** The columns of the table, and what stands in that of the outputs. */
  readonly columns: ComputedRef<HostColumn[]>
  readonly outputs: ComputedRef<OutputLetters>
  /** The groups of outputs that the address asks for, by the name that it has for them. */
  readonly groups: ComputedRef<{ readonly name: string; readonly letter: string }[]>
  /** Index of the host that is open, -1 for none; and its place in the order, -1 when the filter hides it. */
  readonly current: ComputedRef<number>
  readonly place: ComputedRef<number>
  /** Indexes that were chosen by hand. */
  readonly chosen: ShallowRef<ReadonlySet<number>>
  open(index: number, push?: boolean): void
  walk(by: 1 | -1): void
  walkFailed(by: 1 | -1): void
  keyOf(index: number): string
  copied(indexes: Iterable<number>): CopiedHost[]
}

const KEY: InjectionKey<HostView> = Symbol('hosts of a step')

/** Make the view of the hosts of the page's step, for its parts to take by `useHostView`. */
export function provideHostView(page: RunPage): HostView {
  const { address } = page
  // An approval has no hosts.
  const stepId = computed(() => (page.step.value?.type === 'approval' ? undefined : page.step.value?.id))
  // The latest one is live, whether the address names it (as old links and bars of the timeline do) or not.
  const earlier = computed(() => (address.query.value.attempt === page.step.value?.attempt ? undefined : address.query.value.attempt))
  const hosts = useHosts(page.jobId, stepId, computed(() => ({ attempt: earlier.value })))
  const chosen = shallowRef<ReadonlySet<number>>(new Set())
  // While hosts run, letters move: then they are there for who asks for them.
  const columns = computed(() => {
    const step = page.step.value
    const hasLetters = step !== undefined && step.type !== 'file' && step.counts.total > 1 && !isRunOpen(step.status)
    return shownColumns(address.query.value.cols, { rolls: (step?.batch_count ?? 0) > 0, hasLetters })
  })
  const sort = computed(() => parseSort(address.query.value.sort || (address.query.value.view === 'table' ? 'status' : 'host')))
  const showsLetters = computed(() => address.query.value.view === 'table' && columns.value.some((column) => column.key === 'out'))
  // A group of outputs is a set of tasks that the server knows; nobody asks for it while nothing is shown or chosen by it.
  const { query: norm } = useQuery({ norm: oneOf(NORMS, 'exact') })
  const groups = useOutputs(
    computed(() => ({ jobId: page.jobId.value, stepId: stepId.value ?? 0, attempt: address.query.value.attempt ?? page.step.value?.attempt ?? 0 })),
    computed(() => norm.value.norm),
    computed(() => stepId.value !== undefined && (address.query.value.out.length > 0 || sort.value.key === 'out' || showsLetters.value)),
    true,
  )
  useOutputNews(computed(() => ({ jobId: page.jobId.value, stepId: stepId.value ?? 0 })), hosts.news)
  const outputs = useLetters(hosts, () => groups.data)
  const asked = computed(() => address.query.value.out.map((name) => ({ name, letter: letterOf(name, groups.data?.groups ?? []) })))
  const silent = useSilent(page.jobId, computed(() => (address.query.value.silent ? page.step.value : undefined)))
  const only = computed(() => {
    void hosts.version.value
    const chosenTasks = [
      // Hosts of a group that is not known yet are none, not all: somebody may press «retry these».
      address.query.value.out.length > 0 ? tasksIn(groups.data, address.query.value.out) : null,
      address.query.value.silent ? silent.value : null,
    ].filter((one) => one !== null)
    if (chosenTasks.length === 0) return null
    return new Set(Array.from(hosts.taskId).flatMap((task, index) => (chosenTasks.every((one) => one.has(task)) ? [index] : [])))
  })
  const filter = computed<HostFilter>(() => {
    const { status, tag, batch, q } = address.query.value
    return { status, tag, batch: batch.map(Number), q, only: only.value }
  })
  const inSections = useGridCut(computed(() => (stepId.value === undefined ? undefined : { jobId: page.jobId.value, stepId: stepId.value })), computed(() => address.query.value.cut), hosts)
  // The grid stands section by section: who walks through it walks as one sees it.
  const cut = computed<Cut>(() => {
    void hosts.version.value
    const sorted = sortHosts(filterHosts(hosts, filter.value), hosts, sort.value, sort.value.key === 'out' ? outputs.value.places : [])
    return (address.query.value.view === 'grid' ? inSections.value : uncut)(sorted)
  })
  const order = computed(() => cut.value.order)
  const counts = computed(() => {
    void hosts.version.value
    return countFacets(hosts, filter.value)
  })
  const current = computed(() => {
    void hosts.version.value
    if (hosts.count === 1 && address.query.value.host === '') return 0
    return indexOf(hosts, address.query.value.host)
  })
  const place = computed(() => (current.value < 0 ? -1 : order.value.indexOf(current.value)))
  const keyOf = (index: number) => keyFor(hosts, index)
  const open = (index: number, push = false) => {
    const host = keyOf(index)
    if (host !== address.query.value.host) (push ? address.push : address.set)({ host })
  }
  const openPlace = (at: number) => {
    const index = order.value[at]
    if (index !== undefined) open(index)
  }
  // What was chosen of one attempt is not chosen of the next.
  watch([page.stepId, () => address.query.value.attempt, () => page.step.value?.attempt], () => (chosen.value = new Set()))
  const view: HostView = {
    hosts, filter, sort, order, cut, counts, columns, outputs, groups: asked, current, place, chosen, open, keyOf,
    isFiltered: computed(() => order.value.length < hosts.count),
    walk: (by) => openPlace(place.value < 0 ? 0 : Math.min(order.value.length - 1, Math.max(0, place.value + by))),
    walkFailed: (by) => openPlace(nextFailed(order.value, hosts, place.value, by)),
    copied: (indexes) => [...indexes].map((index) => copiedOf(hosts, index)),
  }
  provide(KEY, view)
  return view
}

/** Return what the page above has made. */
export function useHostView(): HostView {
  const view = inject(KEY)
  if (!view) throw new Error('no hosts above')
  return view
}

// Containers and steps that roll by source give a host several tasks: then only the task names what is meant.
function keyFor(hosts: StepHosts, index: number): string {
  const id = hosts.hostId[index] as number
  return hosts.indexOfHost(id) === index ? `${id}` : `task-${hosts.taskId[index]}`
}

function indexOf(hosts: StepHosts, key: string): number {
  if (key.startsWith('task-')) return hosts.indexOfTask(Number(key.slice(5)))
  return /^\d+$/.test(key) ? hosts.indexOfHost(Number(key)) : -1
}

function copiedOf(hosts: StepHosts, index: number): CopiedHost {
  return { id: hosts.hostId[index] as number, area: hosts.cloudId[index] as number, ip: hosts.ip4(index), ipv6: hosts.ipv6(index) }
}
