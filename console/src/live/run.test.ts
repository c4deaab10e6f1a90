import { describe, expect, it } from 'vitest'
import { merged, type Run, type RunState } from './run'

const counts = { total: 2, waiting: 0, running: 2, succeeded: 0, failed: 0, terminated: 0, done: 0 }
const state: RunState = {
  id: 7, status: 4, finished: true, current_step_id: 1, started_at: 1, ended_at: 5, total_ms: 4, counts: { ...counts, running: 0, failed: 2, done: 2 }, progress: 1,
  rate_per_s: 0, eta: null, stopping: null, steps: [], version: 'b', now: 10,
}
const run = {
  job: { id: 7, name: 'a job', operator: 'li', status_code: 2, finished: false, ended_at: null }, counts, actions: [{ name: 'stop' }], version: 'a', cursor: '1:1:', now: 9,
} as unknown as Run

describe('a run', () => {
  it('stands as the stream says, and keeps what the stream does not tell', () => {
    const now = merged(run, state)
    expect(now.job).toMatchObject({ name: 'a job', operator: 'li', status_code: 4, finished: true, ended_at: 5 })
    expect([now.version, now.counts.failed, now.actions, now.cursor]).toEqual(['b', 2, run.actions, '1:1:'])
  })

  it('is not taken back by what is older', () => {
    expect(merged(run, { ...state, now: 8 })).toBe(run)
  })
})
