import { describe, expect, test } from 'vitest'
import { randomFrom } from './random'
import { type Bar, makeAxis, placeBars, placeOf, ticks } from './timeline'

function bar(startedAt: number, endedAt: number | null): Bar {
  return { stepId: 1, batch: 0, attempt: 1, startedAt, endedAt, token: 'ok' }
}

describe('a timeline', () => {
  test('without gaps is in proportion', () => {
    const axis = makeAxis([bar(0, 1_000), bar(1_000, 4_000)], 9_000)
    expect(axis.pieces).toHaveLength(1)
    expect(placeOf(axis, 1_000)).toBeCloseTo(0.25)
  })

  test('folds a long gap and keeps both sides in proportion', () => {
    const axis = makeAxis([bar(0, 10_000), bar(3_600_000, 3_610_000)], 0)
    expect(axis.pieces.map((piece) => piece.folded)).toEqual([false, true, false])
    expect(axis.pieces[0]?.width).toBeCloseTo(0.48)
    expect(placeOf(axis, 3_605_000)).toBeCloseTo(0.76)
  })

  test('keeps short gaps, and bars without an end reach to now', () => {
    const axis = makeAxis([bar(0, 10_000), bar(12_000, null)], 20_000)
    expect(axis.pieces).toHaveLength(1)
    expect(axis.to).toBe(20_000)
  })

  test('of nothing is empty', () => {
    const axis = makeAxis([], 5)
    expect([axis.pieces, placeOf(axis, 5), ticks(axis, 8)]).toEqual([[], 0, []])
  })

  test('writes few round moments and none in a gap', () => {
    const axis = makeAxis([bar(500, 60_000), bar(7_200_000, 7_260_000)], 0)
    const moments = ticks(axis, 8)
    expect(moments.length).toBeGreaterThan(2)
    expect(moments.length).toBeLessThanOrEqual(8)
    expect(moments.every((moment) => moment % 1_000 === 0 && (moment <= 60_000 || moment >= 7_200_000))).toBe(true)
  })

  test('of less than a second writes when it began', () => {
    const bars = [bar(10_100, 10_300)]
    expect(ticks(makeAxis(bars, 10_300), 8)).toEqual([10_100])
  })

  test('keeps order and stays within its width, for any bars', () => {
    const random = randomFrom(9)
    for (let round = 0; round < 200; round += 1) {
      const bars = Array.from({ length: 1 + random(12) }, () => bar(random(10_000_000), null)).map((one) => ({
        ...one,
        endedAt: random(5) === 0 ? null : one.startedAt + random(200_000),
      }))
      const axis = makeAxis(bars, 10_000_000)
      const moments = bars.flatMap((one) => [one.startedAt, one.endedAt ?? 10_000_000]).sort((a, b) => a - b)
      const places = moments.map((moment) => placeOf(axis, moment))
      expect(places.every((place, at) => place >= (places[at - 1] ?? 0) - 1e-9 && place <= 1 + 1e-9)).toBe(true)
      expect(axis.pieces.reduce((sum, piece) => sum + piece.width, 0)).toBeCloseTo(1)
      expect(ticks(axis, 8).length).toBeLessThanOrEqual(8)
    }
  })

  test('puts what runs at the same time in lanes of their own', () => {
    const bars = [bar(0, 10_000), bar(5_000, 8_000), bar(9_000, 12_000), bar(10_000, null)]
    const placed = placeBars(bars, makeAxis(bars, 20_000), 20_000)
    expect(placed.map((one) => one.lane)).toEqual([0, 1, 1, 0])
    expect(placed.every((one) => one.width > 0 && one.left + one.width <= 1 + 1e-9)).toBe(true)
  })
})
