import { describe, expect, test } from 'vitest'
import { squareOf, worstKinds } from './squares'
import { WORST_FIRST } from './status'

describe('squares', () => {
  test('never leave their pitch, and failures are the largest', () => {
    for (let pitch = 4; pitch <= 28; pitch += 1) {
      for (const token of WORST_FIRST) {
        const { inset, edge } = squareOf(token, pitch)
        expect(edge).toBeGreaterThan(0)
        expect(inset + edge).toBeLessThanOrEqual(pitch)
        expect(edge).toBeLessThanOrEqual(squareOf('fail', pitch).edge)
      }
      expect(squareOf('wait', pitch).edge).toBeLessThan(squareOf('ok', pitch).edge)
    }
  })

  test('the worst host of a square wins', () => {
    const status = [9, 9, 104, 7, 5, 9]
    const kinds = worstKinds(status, [5, 4, 3, 2, 1, 0], [0, 2, 4, 6])
    expect([...kinds].map((kind) => WORST_FIRST[kind])).toEqual(['wait', 'fail', 'ok'])
    expect(worstKinds(status, [], [])).toHaveLength(0)
  })
})
