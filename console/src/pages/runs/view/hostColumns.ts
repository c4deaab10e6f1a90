/** The columns that the table of hosts may show. */

import type { StepHosts } from '@/live/hosts'
import type { SortKey } from '@/model/facets'
import { durationWords } from '@/model/time'

export interface HostColumn {
  readonly key: string
  /** Width as CSS has it, and the least of it in pixels. */
  readonly width: string
  readonly least: number
  readonly sort?: SortKey
  readonly right?: boolean
  /** Classes of its cells. */
  readonly look: string
  text(hosts: StepHosts, index: number, letters: readonly string[]): string
}

const number = (value: number | undefined) => (value === undefined ? '' : `${value}`)

/** Status and result stand first; what they say is drawn by the table itself. */
export const HOST_COLUMNS: readonly HostColumn[] = [
  { key: 'status', width: 'minmax(116px, 1.2fr)', least: 116, sort: 'status', look: '', text: () => '' },
  { key: 'ip', width: 'minmax(108px, 1fr)', least: 108, sort: 'ip', look: 'mono', text: (hosts, index) => hosts.name(index) },
  { key: 'exit', width: '56px', least: 56, sort: 'exit', right: true, look: 'num', text: (hosts, index) => (hosts.hasExit(index) ? number(hosts.exitCode[index]) : '') },
  { key: 'dur', width: '72px', least: 72, sort: 'dur', right: true, look: 'num', text: (hosts, index) => durationWords(hosts.durationMs[index] ?? -1) },
  { key: 'tag', width: 'minmax(64px, 1fr)', least: 64, sort: 'tag', look: '', text: (hosts, index) => hosts.tags[hosts.tag[index] as number] ?? '' },
  { key: 'out', width: '68px', least: 68, sort: 'out', right: true, look: 'num', text: (_, index, letters) => letters[index] ?? '' },
  { key: 'batch', width: '60px', least: 60, sort: 'batch', right: true, look: 'num', text: (hosts, index) => number(hosts.batch[index]) },
  { key: 'attempt', width: '72px', least: 72, right: true, look: 'num', text: (hosts, index) => number((hosts.attempt[index] as number) + 1) },
  { key: 'started', width: '132px', least: 132, look: '', text: () => '' },
  { key: 'id', width: '88px', least: 88, right: true, look: 'num', text: (hosts, index) => number(hosts.hostId[index]) },
  { key: 'area', width: '60px', least: 60, right: true, look: 'num', text: (hosts, index) => number(hosts.cloudId[index]) },
  { key: 'ipv6', width: 'minmax(180px, 1fr)', least: 180, look: 'mono', text: (hosts, index) => hosts.ipv6(index) },
]

const USUAL = ['status', 'ip', 'exit', 'dur', 'tag']

/** The columns that are shown: those that were chosen, in the table's order, else the usual ones. */
export function shownColumns(chosen: readonly string[], { rolls, hasLetters }: { rolls: boolean; hasLetters: boolean }): HostColumn[] {
  const wanted = chosen.length > 0 ? chosen : [...USUAL, ...(hasLetters ? ['out'] : []), ...(rolls ? ['batch'] : [])]
  return HOST_COLUMNS.filter((column) => wanted.includes(column.key))
}
