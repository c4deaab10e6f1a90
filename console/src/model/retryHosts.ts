// Which of the hosts that somebody chose can run again.
//
// The server decides; this counts beforehand, by the words that it sends with the action, so that a button does not promise more than will happen.

/** An action of the server that takes single hosts: of the batch `of_batch` only, of any when that is 0. */
export interface TakesHosts {
  readonly allowed: boolean
  readonly reason_text: string
  readonly of_batch: number
}

export interface RetryColumns {
  readonly status: ArrayLike<number>
  readonly batch: ArrayLike<number>
  readonly taskId: ArrayLike<number>
}

/** What has succeeded, and what has no agent that could run it. */
const STAYS = new Set([3, 9, 2, 18])

/** The tasks of those hosts, by their indexes, that can run again. */
export function tasksToRetry(columns: RetryColumns, indexes: Iterable<number>, ofBatch: number): number[] {
  const found: number[] = []
  for (const index of indexes) {
    const here = ofBatch === 0 || columns.batch[index] === ofBatch
    const task = columns.taskId[index] ?? 0
    if (here && task > 0 && !STAYS.has(columns.status[index] as number)) found.push(task)
  }
  return found
}
