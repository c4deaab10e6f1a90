import { describe, expect, it } from 'vitest'
import { barsOf, mergeRows } from './runRows'

const row = (id: number, status = 2) => ({ id, status })

describe('rows', () => {
  it('change in place; what is new is counted only', () => {
    const merged = mergeRows([row(5), row(4), row(3)], [row(7), row(6), row(5, 3), row(3, 4)])
    expect(merged).toEqual({ rows: [row(5, 3), row(4), row(3, 4)], news: 2, left: new Set([4]) })
  })

  it('of an empty list are all new', () => {
    expect(mergeRows([], [row(1)])).toEqual({ rows: [], news: 1, left: new Set() })
  })

  it('that match no more are told from those that are further down', () => {
    expect(mergeRows([row(5), row(4), row(3)], [row(9), row(5)]).left).toEqual(new Set())
    expect(mergeRows([row(5), row(4), row(3)], [row(5)], true).left).toEqual(new Set([4, 3]))
    expect(mergeRows([row(5)], [], true).left).toEqual(new Set([5]))
  })
})

describe('bars', () => {
  it('have every span of the window', () => {
    expect(barsOf(1500, 4100, 1000, [{ at: 2000, runs: 3, failed: 1 }]).map((one) => one.runs)).toEqual([0, 3, 0, 0])
  })
})
