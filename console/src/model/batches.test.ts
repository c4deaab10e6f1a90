import { describe, expect, test } from 'vitest'
import { filled, shares, worstOf } from './batches'

const NONE = { total: 10, succeeded: 0, failed: 0, terminated: 0, running: 0 }

describe('batches', () => {
  test('are as wide as the roots of their hosts', () => {
    const [small, large] = shares([100, 10_000]) as [number, number]
    expect(large / small).toBeCloseTo(10)
    expect(shares([0, 5, 500]).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1)
    expect(shares([])).toEqual([])
  })

  test('fill with what is over, and never more than whole', () => {
    expect(filled({ ...NONE, succeeded: 4, failed: 1 })).toBe(0.5)
    expect(filled({ ...NONE, total: 0 })).toBe(0)
    expect(filled({ ...NONE, succeeded: 12 })).toBe(1)
  })

  test('have the colour of their worst host', () => {
    expect(worstOf(NONE)).toBe('wait')
    expect(worstOf({ ...NONE, succeeded: 3, running: 2 })).toBe('run')
    expect(worstOf({ ...NONE, succeeded: 10 })).toBe('ok')
    expect(worstOf({ ...NONE, succeeded: 9, failed: 1 })).toBe('fail')
    expect(worstOf({ ...NONE, succeeded: 5 })).toBe('ok')
    expect(worstOf({ ...NONE, terminated: 5, running: 5 })).toBe('term')
  })
})
