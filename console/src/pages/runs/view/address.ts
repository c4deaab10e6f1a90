/** What the address of a run's step says: every part of the view, so that a link shows to others what one sees oneself. */

import { flag, list, maybeWhole, oneOf, text } from '@/app/useQuery'

export const VIEWS = ['grid', 'table', 'timeline'] as const
export type View = (typeof VIEWS)[number]
export const PANES = ['log', 'outputs', 'diff', 'files', 'why'] as const
export type Pane = (typeof PANES)[number]

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
  view: oneOf(VIEWS, 'grid'),
  pane: oneOf<Pane | ''>(['', ...PANES], ''),
  host: text(),
}
