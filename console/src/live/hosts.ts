/** The hosts of a step as typed columns: no object a host, one version for all of them, changed by what the stream tells. */

import { useQuery, type UseQueryReturnType } from '@tanstack/vue-query'
import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { oneAtATime } from '@/model/calmly'
import type { HostColumns } from '@/model/facets'
import { useStream, type Told } from './stream'

type Answer = components['schemas']['StepHosts']
type View = Answer['columns']
/** What the stream tells of hosts that changed. */
export type MovedHosts = components['schemas']['HostColumns']
export type HostsMoved = Told & { readonly attempt: number; readonly columns: MovedHosts | null }

/** What is read of a query that lists hosts. */
interface Listed {
  readonly data: Readonly<Ref<Answer | undefined>>
  readonly isFetching: Readonly<Ref<boolean>>
  refetch(): Promise<unknown>
}

export interface StepHosts extends HostColumns {
  readonly query: UseQueryReturnType<Answer, Error>
  readonly version: Ref<number>
  /** Moves when the stream has told of hosts, not when they were only listed. */
  readonly news: Ref<number>
  readonly startedAt: ArrayLike<number>
  readonly taskId: ArrayLike<number>
  readonly logTaskId: ArrayLike<number>
  readonly cloudId: ArrayLike<number>
  readonly attempt: ArrayLike<number>
  hasExit(index: number): boolean
  ip4(index: number): string
  ipv6(index: number): string
  /** What people call it: its address, or the container on it. */
  name(index: number): string
  /** Whether it ran in a container of its host. */
  isContainer(index: number): boolean
  indexOfHost(id: number): number
  indexOfTask(id: number): number
}

function summed(differences: readonly number[]): Float64Array<ArrayBuffer> {
  const numbers = new Float64Array(differences.length)
  let sum = 0
  for (let index = 0; index < differences.length; index += 1) numbers[index] = sum += differences[index] as number
  return numbers
}

const address = (number: number) => `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`

const NONE: View = {
  task_id: [], log_task_id: [], host_id: [], cloud_id: [], ip: [], ip4: [], ipv6: [], container: [], status: [], exit_code: [], started_at: [], duration_ms: [], batch: [], attempt: [], tag: [], tags: [''],
}

/** Columns that are listed once and then changed in place; their readers look at `version`, which moves once a change. */
export class Columns {
  count = 0
  status = new Uint16Array()
  batch = new Uint16Array()
  attempt = new Uint16Array()
  tag = new Uint16Array()
  exitCode = new Int32Array()
  durationMs = new Float64Array()
  startedAt = new Float64Array()
  hostId = new Float64Array()
  cloudId = new Float64Array()
  taskId = new Float64Array()
  logTaskId = new Float64Array()
  tags: readonly string[] = ['']
  readonly version = ref(0)
  private exits = new Uint8Array()
  private four = new Float64Array()
  private six: readonly (string | null)[] = []
  private container: readonly string[] = []
  private hosts = new Map<number, number>()
  private tasks = new Map<number, number>()

  take(view: View): void {
    this.count = view.status.length
    this.status = Uint16Array.from(view.status)
    this.batch = Uint16Array.from(view.batch)
    this.attempt = Uint16Array.from(view.attempt)
    this.tag = Uint16Array.from(view.tag)
    this.exitCode = Int32Array.from(view.exit_code, (code) => code ?? 0)
    this.exits = Uint8Array.from(view.exit_code, (code) => (code === null ? 0 : 1))
    this.durationMs = Float64Array.from(view.duration_ms)
    this.startedAt = summed(view.started_at)
    this.hostId = summed(view.host_id)
    this.cloudId = Float64Array.from(view.cloud_id)
    this.taskId = summed(view.task_id)
    this.logTaskId = Float64Array.from(view.log_task_id, (beside, index) => beside + (this.taskId[index] as number))
    this.four = summed(view.ip4)
    this.six = view.ipv6
    this.container = view.container
    this.tags = view.tags
    this.hosts = new Map()
    this.tasks = new Map()
    for (let index = this.count - 1; index >= 0; index -= 1) {
      this.hosts.set(this.hostId[index] as number, index)
      this.tasks.set(this.taskId[index] as number, index)
    }
    this.version.value += 1
  }

  /** Change the hosts that moved; false when one is none of ours, so that they must be listed anew. */
  apply(moved: readonly MovedHosts[]): boolean {
    const known = moved.every((one) => this.change(one))
    this.version.value += 1
    return known
  }

  private change(moved: MovedHosts): boolean {
    const tags = moved.tags.map((tag) => this.tagOf(tag))
    let isKnown = true
    for (let at = 0; at < moved.task_id.length; at += 1) {
      const index = this.tasks.get(moved.task_id[at] as number)
      if (index === undefined) isKnown = false
      else this.set(index, moved, at, tags[moved.tag[at] as number] ?? 0)
    }
    return isKnown
  }

  private set(index: number, moved: MovedHosts, at: number, tag: number): void {
    const code = moved.exit_code[at] ?? null
    this.status[index] = moved.status[at] as number
    this.exitCode[index] = code ?? 0
    this.exits[index] = code === null ? 0 : 1
    this.durationMs[index] = moved.duration_ms[at] as number
    this.startedAt[index] = moved.started_at[at] as number
    this.batch[index] = moved.batch[at] as number
    this.attempt[index] = moved.attempt[at] as number
    this.logTaskId[index] = moved.log_task_id[at] as number
    this.tag[index] = tag
  }

  private tagOf(tag: string): number {
    const known = this.tags.indexOf(tag)
    if (known >= 0) return known
    this.tags = [...this.tags, tag]
    return this.tags.length - 1
  }

  hasExit(index: number): boolean {
    return this.exits[index] === 1
  }

  ip4(index: number): string {
    const number = this.four[index] ?? 0
    return number === 0 ? '' : address(number)
  }

  ipv6(index: number): string {
    return this.six[index] ?? ''
  }

  ip(index: number): string {
    return this.ip4(index) || this.ipv6(index)
  }

  name(index: number): string {
    const [inside, area] = [this.container[index], this.cloudId[index]]
    const ip = this.ip(index) || `#${this.hostId[index]}`
    const host = area ? `${area}:${ip}` : ip
    return inside ? `${inside} @ ${host}` : host
  }

  isContainer(index: number): boolean {
    return !!this.container[index]
  }

  indexOfHost(id: number): number {
    return this.hosts.get(id) ?? -1
  }

  indexOfTask(id: number): number {
    return this.tasks.get(id) ?? -1
  }
}

/** Keeps what was told while the hosts are listed: a listing is older than what was told until it came. */
export class Meanwhile<Told> {
  private told: Told[] = []

  /** Note what is told; `isListing` says whether a listing is on its way. */
  note(told: readonly Told[], isListing: boolean): void {
    if (isListing) this.told.push(...told)
    else this.told = []
  }

  /** Return what was told while the listing that has come was on its way; each word is absolute, the last one holds. */
  over(): readonly Told[] {
    const told = this.told
    this.told = []
    return told
  }
}

/** Keep what comes until the next frame is drawn: a page changes once a frame however much comes. */
function onceAFrame<Item>(work: (items: Item[]) => void): (item: Item) => void {
  let [waiting, frame]: [Item[], number] = [[], 0]
  const flush = () => {
    const items = waiting
    ;[waiting, frame] = [[], 0]
    work(items)
  }
  onScopeDispose(() => cancelAnimationFrame(frame))
  return (item) => {
    waiting.push(item)
    if (frame === 0) frame = requestAnimationFrame(flush)
  }
}

/** Keep columns as a query lists them; return what changes them by what the stream tells, and lists anew what that does not know. */
export function hear(columns: Columns, query: Listed): (told: readonly HostsMoved[]) => void {
  const meanwhile = new Meanwhile<HostsMoved>()
  const movedIn = (all: readonly HostsMoved[]) => all.flatMap((one) => (one.columns === null || one.attempt !== query.data.value?.attempt ? [] : [one.columns]))
  // A listing that is on its way is left to come: begun anew at each word, none would ever arrive while hosts keep moving.
  const anew = oneAtATime(() => query.refetch())
  watch(query.data, (answer) => {
    // A step that cannot be listed has no hosts to show, least of all those of the step before.
    columns.take(answer?.columns ?? NONE)
    const moved = movedIn(meanwhile.over())
    // Who is none of these is of a step that was listed before.
    if (moved.length) columns.apply(moved)
  }, { immediate: true })
  return (all) => {
    meanwhile.note(all, query.isFetching.value)
    const isAnew = all.some((one) => one.columns === null || one.attempt !== query.data.value?.attempt)
    const known = columns.apply(movedIn(all))
    if (isAnew || !known) void anew()
  }
}

/** Give the hosts of a step: of its latest attempt, as they change, or of an earlier one, as it ended. */
export function useHosts(jobId: Ref<number>, stepId: Ref<number | undefined>, wanted: Ref<{ attempt: number | undefined }>): StepHosts {
  const columns = new Columns()
  const news = ref(0)
  const query = useQuery({
    queryKey: ['hosts', jobId, stepId, wanted],
    enabled: () => stepId.value !== undefined,
    queryFn: () => ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/hosts', {
      params: { path: { job_id: jobId.value, step_id: stepId.value ?? 0 }, query: { attempt: wanted.value.attempt, packed: true } },
    })),
    structuralSharing: false,
    // Those of another step or attempt are not shown under this one's name, not even for a moment.
    placeholderData: (before, asked) => (asked?.queryKey[2] === stepId.value && before?.attempt === wanted.value.attempt ? before : undefined),
  })
  const told = hear(columns, query)
  const take = onceAFrame<HostsMoved>((all) => {
    news.value += 1
    told(all)
  })
  useStream(
    () => (stepId.value === undefined || wanted.value.attempt !== undefined ? undefined : `hosts:${stepId.value}@${jobId.value}`),
    () => (query.isPlaceholderData.value ? undefined : query.data.value?.version),
    {
      told: (told) => take(told as HostsMoved),
      anew: () => {
        news.value += 1
        void query.refetch()
      },
    },
  )
  return Object.assign(columns, { query, news })
}
