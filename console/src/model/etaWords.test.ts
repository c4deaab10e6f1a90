import { describe, expect, test } from 'vitest'
import { calm, etaWords } from './etaWords'
import { randomFrom } from './random'

describe('an estimate', () => {
  test('is said without jitter', () => {
    expect(etaWords({ remaining_ms: 97_300, usual_ms: null, longer_than_usual: false })).toEqual({ key: 'common.eta.left', time: '1m40s', usual: '' })
  })

  test('without a basis says nothing, or what is usual', () => {
    expect(etaWords(null)).toBeNull()
    expect(etaWords({ remaining_ms: null, usual_ms: null, longer_than_usual: false })).toBeNull()
    expect(etaWords({ remaining_ms: null, usual_ms: 240_000, longer_than_usual: false })).toMatchObject({ key: 'common.eta.usual', usual: '4m00s' })
  })

  test('says when it takes longer than usual', () => {
    expect(etaWords({ remaining_ms: null, usual_ms: 60_000, longer_than_usual: true })?.key).toBe('common.eta.longer')
    expect(etaWords({ remaining_ms: 5_000, usual_ms: 60_000, longer_than_usual: true })?.key).toBe('common.eta.longerLeft')
  })

  test('never rounds down, never far up, for any time', () => {
    const random = randomFrom(2)
    for (let round = 0; round < 500; round += 1) {
      const ms = random(20_000_000)
      expect(calm(ms)).toBeGreaterThanOrEqual(ms)
      expect(calm(ms) - ms).toBeLessThanOrEqual(Math.max(1_000, ms / 6, 5_000))
    }
    expect([calm(-1), calm(Number.NaN), calm(Number.POSITIVE_INFINITY)]).toEqual([0, 0, 0])
  })
})
