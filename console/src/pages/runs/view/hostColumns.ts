/** The columns that the table of hosts may show. */

import type { StepHosts } from '@/live/hosts'
import type { SortKey } from '@/model/facets'
import { durationWords } from '@/model/time'

export interface HostColumn {
  readonly key: string
  /** Width as CSS has it. */
  readonly width: string
  readonly sort?: SortKey
  readonly right?: boolean
  text(hosts: StepHosts, index: number): string
}

const number = (value: number | undefined) => (value === undefined ? '' : `${value}`)

/** Status and result stand first; what they say is drawn by the table itself. */
export const HOST_COLUMNS: readonly HostColumn[] = [
  { key: 'status', width: 'minmax(132px, 1.2fr)', sort: 'status', text: () => '' },
  { key: 'ip', width: 'minmax(116px, 1fr)', sort: 'ip', text: (hosts, index) => hosts.name(index) },
  { key: 'exit', width: '56px', sort: 'exit', right: true, text: (hosts, index) => (hosts.hasExit(index) ? number(hosts.exitCode[index]) : '') },
  { key: 'dur', width: '72px', sort: 'dur', right: true, text: (hosts, index) => durationWords(hosts.durationMs[index] ?? -1) },
  { key: 'tag', width: 'minmax(64px, 1fr)', sort: 'tag', text: (hosts, index) => hosts.tags[hosts.tag[index] as number] ?? '' },
  { key: 'batch', width: '60px', sort: 'batch', right: true, text: (hosts, index) => number(hosts.batch[index]) },
  { key: 'attempt', width: '72px', right: true, text: (hosts, index) => number((hosts.attempt[index] as number) + 1) },
  { key: 'started', width: '132px', text: () => '' },
  { key: 'id', width: '88px', right: true, text: (hosts, index) => number(hosts.hostId[index]) },
  { key: 'area', width: '60px', right: true, text: (hosts, index) => number(hosts.cloudId[index]) },
  { key: 'ipv6', width: 'minmax(180px, 1fr)', text: (hosts, index) => hosts.ipv6(index) },
]

const USUAL = ['status', 'ip', 'exit', 'dur', 'tag']

/** The columns that are shown: those that were chosen, in the table's order, else the usual ones. */
export function shownColumns(chosen: readonly string[], rolls: boolean): HostColumn[] {
  const wanted = chosen.length > 0 ? chosen : [...USUAL, ...(rolls ? ['batch'] : [])]
  return HOST_COLUMNS.filter((column) => wanted.includes(column.key))
}
