import { describe, expect, it } from 'vitest'
import { askAgainIn } from './nextTimes'

describe('moments to come', () => {
  it('are asked for again just after the first of them', () => expect(askAgainIn([70_000, 90_000], 60_000)).toBe(10_500))
  it('are asked for soon, and not at once over and over, when the server still tells one that is past', () => expect(askAgainIn([58_000], 60_000)).toBe(2_000))
  it('are asked for now and then where the clock here is so far ahead that all of them are past', () => expect(askAgainIn([60_000, 120_000], 240_000)).toBe(30_000))
  it('are asked for now and then when the first is far off', () => expect(askAgainIn([90 * 86_400_000], 0)).toBe(3_600_000))
  it('are not asked for again when there are none', () => expect(askAgainIn([], 0)).toBe(false))
})
