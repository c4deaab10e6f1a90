import { describe, expect, it } from 'vitest'
import { tasksToRetry } from './retryHosts'

const columns = {
  status: [9, 104, 310, 18, 2, 3, 5, 403],
  batch: [1, 1, 2, 2, 2, 2, 3, 2],
  taskId: [11, 12, 13, 14, 15, 16, 17, 18],
}
const all = [0, 1, 2, 3, 4, 5, 6, 7]

describe('hosts that can run again', () => {
  it('are those that did not succeed and have an agent', () => {
    expect(tasksToRetry(columns, all, 0)).toEqual([12, 13, 17, 18])
  })

  it('are of the one batch that the server says', () => {
    expect(tasksToRetry(columns, all, 2)).toEqual([13, 18])
    expect(tasksToRetry(columns, all, 4)).toEqual([])
  })

  it('are only those that were chosen, in their order', () => {
    expect(tasksToRetry(columns, [7, 0, 1], 0)).toEqual([18, 12])
  })

  it('are none before the step has begun', () => {
    expect(tasksToRetry({ ...columns, taskId: all.map(() => 0) }, all, 0)).toEqual([])
  })
})
