/** Where the hosts are listed that a number of a run counts. */

import { WORST_FIRST } from './status'

/** What a list of hosts is asked for: those that are over, that failed, that succeeded, or all. */
export type Listed = 'over' | 'fail' | 'ok' | 'all'

const OVER = WORST_FIRST.filter((token) => token !== 'run' && token !== 'wait')
const STATUSES: Readonly<Record<Listed, readonly string[]>> = { over: OVER, fail: ['fail', 'none'], ok: ['ok'], all: [] }

/** The statuses, as the address has them, of the hosts that a number counts. */
export function statusesOf(listed: Listed): string[] {
  return [...STATUSES[listed]]
}

/** The address of the hosts of a run's step that a number counts. */
export function hostsOf(scopePath: string, run: { readonly id: number; readonly step_id: number }, listed: Listed): { path: string; query: Record<string, string> } {
  const status = statusesOf(listed).join(',')
  return { path: `${scopePath}/runs/${run.id}/steps/${run.step_id}`, query: { ...(status ? { status } : {}) } }
}
