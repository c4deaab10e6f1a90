// Which hosts of a step a filter leaves, in which order, and how many each chip would show.
//
// OR inside a facet, AND across facets. A chip's count is what one would see after choosing it beside the other facets, so it is counted
// with every facet but its own.
import { WORST_FIRST, hostKind, severity, type Token } from './status'

/** The columns that are looked at; live/hosts.ts has them. */
export interface HostColumns {
  readonly count: number
  readonly status: ArrayLike<number>
  readonly batch: ArrayLike<number>
  readonly durationMs: ArrayLike<number>
  readonly exitCode: ArrayLike<number>
  readonly hostId: ArrayLike<number>
  readonly tag: ArrayLike<number>
  readonly tags: readonly string[]
  ip(index: number): string
}

export interface HostFilter {
  /** Tokens (`fail`) or codes (`104`). */
  readonly status: readonly string[]
  readonly tag: readonly string[]
  readonly batch: readonly number[]
  /** Part of an address, of a tag, or a whole host id. */
  readonly q: string
  /** Indexes that an output group holds; null when none is chosen. */
  readonly only: ReadonlySet<number> | null
}

export interface FacetCounts {
  readonly all: number
  readonly tokens: ReadonlyMap<Token, number>
  readonly codes: ReadonlyMap<number, number>
  readonly tags: ReadonlyMap<string, number>
}

type Test = (index: number) => boolean

/** The hosts that a filter leaves, in the order of the columns. */
export function filterHosts(hosts: HostColumns, filter: HostFilter): Uint32Array {
  const tests = [statusTest(hosts, filter), tagTest(hosts, filter), restTest(hosts, filter)].filter((test) => test !== null)
  const found = new Uint32Array(hosts.count)
  let many = 0
  for (let index = 0; index < hosts.count; index += 1) {
    if (tests.every((test) => test(index))) found[many++] = index
  }
  return found.subarray(0, many)
}

/** Count the hosts of each chip. */
export function countFacets(hosts: HostColumns, filter: HostFilter): FacetCounts {
  const [status, tag, rest] = [statusTest(hosts, filter), tagTest(hosts, filter), restTest(hosts, filter)]
  const [tokens, codes, tags] = [new Map<Token, number>(), new Map<number, number>(), new Map<string, number>()]
  let all = 0
  for (let index = 0; index < hosts.count; index += 1) {
    if (rest !== null && !rest(index)) continue
    const [inStatus, inTag] = [status === null || status(index), tag === null || tag(index)]
    if (inTag) {
      all += 1
      const code = hosts.status[index] as number
      add(codes, code)
      add(tokens, WORST_FIRST[hostKind(code)] as Token)
    }
    const text = hosts.tags[hosts.tag[index] as number] ?? ''
    if (inStatus && text !== '') add(tags, text)
  }
  return { all, tokens, codes, tags }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function statusTest(hosts: HostColumns, filter: HostFilter): Test | null {
  if (filter.status.length === 0) return null
  const codes = new Set(filter.status.filter((text) => /^\d+$/.test(text)).map(Number))
  const kinds = new Set(filter.status.map((text) => WORST_FIRST.indexOf(text as Token)))
  return (index) => codes.has(hosts.status[index] as number) || kinds.has(hostKind(hosts.status[index] as number))
}

function tagTest(hosts: HostColumns, filter: HostFilter): Test | null {
  if (filter.tag.length === 0) return null
  const wanted = new Set(filter.tag)
  return (index) => wanted.has(hosts.tags[hosts.tag[index] as number] ?? '')
}

function restTest(hosts: HostColumns, filter: HostFilter): Test | null {
  const tests = [batchTest(hosts, filter.batch), textTest(hosts, filter.q), onlyTest(filter.only)].filter((test) => test !== null)
  return tests.length === 0 ? null : (index) => tests.every((test) => test(index))
}

function batchTest(hosts: HostColumns, batch: readonly number[]): Test | null {
  return batch.length === 0 ? null : (index) => batch.includes(hosts.batch[index] as number)
}

function onlyTest(only: ReadonlySet<number> | null): Test | null {
  return only === null ? null : (index) => only.has(index)
}

function textTest(hosts: HostColumns, q: string): Test | null {
  const text = q.trim().toLowerCase()
  if (text === '') return null
  const id = /^\d+$/.test(text) ? Number(text) : -1
  const tags = hosts.tags.map((tag) => tag.toLowerCase().includes(text))
  return (index) =>
    hosts.hostId[index] === id || hosts.ip(index).toLowerCase().includes(text) || tags[hosts.tag[index] as number] === true
}

export type SortKey = 'host' | 'ip' | 'status' | 'exit' | 'dur' | 'tag' | 'batch' | 'out'
export const SORT_KEYS: readonly SortKey[] = ['host', 'ip', 'status', 'exit', 'dur', 'tag', 'batch', 'out']

export interface Sort {
  readonly key: SortKey
  readonly descending: boolean
}

/** Read `-dur`; a text that names no column is the order of the hosts. */
export function parseSort(text: string): Sort {
  const descending = text.startsWith('-')
  const key = SORT_KEYS.find((one) => one === text.slice(descending ? 1 : 0))
  return key === undefined ? { key: 'host', descending: false } : { key, descending }
}

/**
 * Bring hosts into an order, in place; hosts that compare equal keep the order of the columns.
 *
 * @param groups - The place of each host's output group, for the order of outputs.
 */
export function sortHosts(found: Uint32Array, hosts: HostColumns, sort: Sort, groups: ArrayLike<number> = []): Uint32Array {
  if (sort.key === 'host' && !sort.descending) return found
  const sign = sort.descending ? -1 : 1
  const compare = sort.key === 'out' ? comparisonOf(groups) : comparison(hosts, sort.key)
  return found.sort((a, b) => sign * compare(a, b) || a - b)
}

function comparison(hosts: HostColumns, key: SortKey): (a: number, b: number) => number {
  if (key === 'ip') return (a, b) => compareAddresses(hosts.ip(a), hosts.ip(b))
  if (key === 'tag') return (a, b) => tagOf(hosts, a).localeCompare(tagOf(hosts, b))
  const value = numberOf(hosts, key)
  return (a, b) => value(a) - value(b)
}

function comparisonOf(column: ArrayLike<number>): (a: number, b: number) => number {
  return (a, b) => finite(column[a]) - finite(column[b])
}

// Worst first without a minus: that is what a click on «status» is for.
function numberOf(hosts: HostColumns, key: SortKey): (index: number) => number {
  if (key === 'status') return (index) => -severity(WORST_FIRST[hostKind(hosts.status[index] as number)] as Token)
  const column = { exit: hosts.exitCode, dur: hosts.durationMs, batch: hosts.batch }[key as 'exit' | 'dur' | 'batch']
  return column === undefined ? (index) => index : (index) => finite(column[index])
}

function finite(value: number | undefined): number {
  return value === undefined || Number.isNaN(value) ? -1 : value
}

function tagOf(hosts: HostColumns, index: number): string {
  return hosts.tags[hosts.tag[index] as number] ?? ''
}

/** Compare addresses as people read them: 10.0.0.9 before 10.0.0.10. */
export function compareAddresses(one: string, other: string): number {
  return addresses.compare(one, other)
}

const addresses = new Intl.Collator('en', { numeric: true })

/** The place in an order that comes after `place` and is of a kind that failed; it goes round, -1 when there is none. */
export function nextFailed(order: ArrayLike<number>, hosts: HostColumns, place: number, away: 1 | -1): number {
  const many = order.length
  for (let tried = 1; tried <= many; tried += 1) {
    const at = (place + away * tried + many * 2) % many
    if (WORST_FIRST[hostKind(hosts.status[order[at] as number] as number)] === 'fail') return at
  }
  return -1
}
