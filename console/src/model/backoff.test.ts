import { describe, expect, it } from 'vitest'
import { pauseMs } from './backoff'

describe('pauses', () => {
  it('are between half a second and fifteen, whatever chance says', () => {
    for (let tries = 0; tries < 2000; tries += 1) {
      for (const chance of [0, 0.5, 0.999]) {
        expect(pauseMs(tries, chance)).toBeGreaterThanOrEqual(500)
        expect(pauseMs(tries, chance)).toBeLessThanOrEqual(15_000)
      }
    }
  })

  it('grow, and are not the same for all', () => {
    expect(pauseMs(4, 0)).toBeGreaterThan(pauseMs(2, 0.99))
    expect(pauseMs(4, 0)).toBeLessThan(pauseMs(4, 0.9))
  })
})
