/** What the address of a run's step says: every part of the view, so that a link shows to others what one sees oneself. */

import { flag, list, maybeWhole, oneOf, text } from '@/app/useQuery'

export const VIEWS = ['grid', 'table', 'timeline'] as const
export type View = (typeof VIEWS)[number]
export const PANES = ['log', 'outputs', 'diff', 'files', 'why'] as const
export type Pane = (typeof PANES)[number]
/** What the grid is cut into: batches, where hosts stand in the topology, or nothing. */
export const SECTIONS = ['batch', 'set', 'module', 'none'] as const
export type Sections = (typeof SECTIONS)[number]

/** What leaves all hosts of an attempt. */
export const UNFILTERED = { status: [] as string[], tag: [] as string[], batch: [] as string[], out: [] as string[], silent: false, q: '' }

/** `attempt` and `batch` are the API's numbers; `host` is a host's id, or `task-ID` where a host has several tasks. */
export const STEP_PARAMS = {
  attempt: maybeWhole(),
  batch: list(),
  status: list(),
  tag: list(),
  out: list(),
  silent: flag(),
  q: text(),
  sort: text(),
  cols: list(),
  cut: oneOf(SECTIONS, 'batch'),
  cmp: list(),
  view: oneOf(VIEWS, 'grid'),
  pane: oneOf<Pane | ''>(['', ...PANES], ''),
  host: text(),
}
