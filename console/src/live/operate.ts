/** Doing something to a run or to a step of it, as the page that is looked at shows it. */

import { ApiError, api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { say } from '@/i18n'
import { toast, toastError } from '@/ui/toast'

export type OfferedOperation = Pick<components['schemas']['ActionView'], 'name' | 'step_id'>
type Name = OfferedOperation['name']
type OfJob = 'stop' | 'start'

export interface Said {
  /** Of the run, as it was when the question was put: when it has moved on since, nothing is done. */
  readonly version: string
  readonly reason?: string
  /** The tasks of the hosts to retry; none for all that failed. */
  readonly taskIds?: readonly number[]
}

const isOfJob = (name: Name): name is OfJob => name === 'stop' || name === 'start'

/**
 * Do what was decided.
 *
 * @throws ApiError: it was refused; `tellRefusal` says so.
 */
export async function operate(job_id: number, { name, step_id }: OfferedOperation, { version, reason = '', taskIds = [] }: Said): Promise<void> {
  if (isOfJob(name)) {
    // Whoever stops a run means it, whichever batch it has come to meanwhile.
    await ask(api.POST('/api/v1/jobs/{job_id}/operate', { params: { path: { job_id } }, body: { operation: name, version: name === 'stop' ? '' : version } }))
    return
  }
  if (step_id == null) throw new TypeError(`${name} is done to a step`)
  await ask(api.POST('/api/v1/jobs/{job_id}/steps/{step_id}/operate', { params: { path: { job_id, step_id } }, body: { operation: name, reason, version, ...(taskIds.length ? { task_ids: [...taskIds] } : {}) } }))
}

/** Say why nothing was done; what one had looked at may be over. */
export function tellRefusal(error: unknown): void {
  if (error instanceof ApiError && error.status === 409) toast(say('app.runMoved', { message: error.message }), 'fail', error.requestId)
  else toastError(error)
}
