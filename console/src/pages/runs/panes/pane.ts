/** What every pane of a run's page is given. */

import type { HostFilter } from '@/model/facets'

export interface PaneProps {
  readonly jobId: number
  readonly stepId: number
  readonly attempt: number
  /** The task of the host that is open, null for none. */
  readonly hostTask: number | null
  readonly filter: HostFilter
}
