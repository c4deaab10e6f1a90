import { describe, expect, test } from 'vitest'
import { filled, shares, worstOf } from './batches'

const counted = (ended: Partial<Record<'succeeded' | 'failed' | 'terminated', number>> = {}, running = 0, total = 10) => {
  const hosts = { succeeded: 0, failed: 0, terminated: 0, ...ended }
  return { ...hosts, running, total, done: hosts.succeeded + hosts.failed + hosts.terminated }
}

describe('batches', () => {
  test('are as wide as the roots of their hosts', () => {
    const [small, large] = shares([100, 10_000]) as [number, number]
    expect(large / small).toBeCloseTo(10)
    expect(shares([0, 5, 500]).reduce((sum, share) => sum + share, 0)).toBeCloseTo(1)
    expect(shares([])).toEqual([])
  })

  test('fill with what is over, and never more than whole', () => {
    expect(filled(counted({ succeeded: 4, failed: 1 }))).toBe(0.5)
    expect(filled(counted({}, 0, 0))).toBe(0)
    expect(filled(counted({ succeeded: 12 }))).toBe(1)
  })

  test('have the colour of their worst host', () => {
    expect(worstOf(counted())).toBe('wait')
    expect(worstOf(counted({ succeeded: 3 }, 2))).toBe('run')
    expect(worstOf(counted({ succeeded: 10 }))).toBe('ok')
    expect(worstOf(counted({ succeeded: 9, failed: 1 }))).toBe('fail')
    expect(worstOf(counted({ succeeded: 5 }))).toBe('ok')
    expect(worstOf(counted({ terminated: 5 }, 5))).toBe('term')
  })
})
