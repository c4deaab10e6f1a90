import { describe, expect, test } from 'vitest'
import { type Layout, cellAt, cellOf, cellsIn, hit, layOut, moved, positionsOf } from './grid'
import { randomFrom } from './random'

const ROOM = { width: 600, height: 330, left: 24 }

function sections(...counts: number[]) {
  return counts.map((count, place) => ({ label: `b${place + 1}`, count }))
}

describe('a grid', () => {
  test('few hosts get the largest squares', () => {
    expect(layOut(sections(12), ROOM)).toMatchObject({ pitch: 28, hostsPerCell: 1, columns: 20, cells: 12, height: 28 })
  })

  test('ten thousand hosts fit, one in a square', () => {
    const layout = layOut(sections(10, 990, 2000, 7000), ROOM)
    expect(layout.hostsPerCell).toBe(1)
    expect(layout.pitch).toBeGreaterThanOrEqual(4)
    expect(layout.height).toBeLessThanOrEqual(330)
  })

  test('above its capacity a square shows several', () => {
    const layout = layOut(sections(60_000), ROOM)
    expect(layout).toMatchObject({ pitch: 4 })
    expect(layout.hostsPerCell).toBeGreaterThan(1)
    expect(layout.height).toBeLessThanOrEqual(330)
    expect(positionsOf(layout, layout.cells - 1).to).toBe(60_000)
  })

  test('an empty grid has nothing to hit and arrows stay', () => {
    const layout = layOut([], ROOM)
    expect(hit(layout, 30, 5)).toBeNull()
    expect(moved(layout, 0, 'down')).toBe(0)
    expect(moved(layout, 0, 'last')).toBe(0)
  })

  test('every position has one square, and its middle hits it, for any sections', () => {
    const random = randomFrom(3)
    for (let round = 0; round < 60; round += 1) {
      const counts = Array.from({ length: 1 + random(6) }, () => random(3000) * (random(4) === 0 ? 20 : 1))
      const layout = layOut(sections(...counts), { ...ROOM, width: 80 + random(900) })
      const total = counts.reduce((sum, count) => sum + count, 0)
      for (let probe = 0; probe < 20 && total > 0; probe += 1) {
        const position = random(total)
        const cell = cellOf(layout, position)
        const { from, to } = positionsOf(layout, cell)
        expect(from <= position && position < to).toBe(true)
        const { x, y } = cellAt(layout, cell)
        expect(hit(layout, x + layout.pitch / 2, y + layout.pitch / 2)).toBe(cell)
      }
      expect(walk(layout)).toBe(total)
    }
  })

  test('arrows cross sections to the nearest square', () => {
    const layout = layOut(sections(3, 25, 0, 4), { width: 24 + 10 * 28, height: 900, left: 24 })
    expect(layout.columns).toBe(10)
    expect(moved(layout, 2, 'down')).toBe(3 + 2)
    expect(moved(layout, 3 + 9, 'up')).toBe(2)
    expect(moved(layout, 3 + 12, 'down')).toBe(3 + 22)
    expect(moved(layout, 3 + 24, 'down')).toBe(28 + 3)
    expect(moved(layout, 28, 'up')).toBe(3 + 20)
    expect(moved(layout, 0, 'up')).toBe(0)
    expect([moved(layout, 0, 'left'), moved(layout, 0, 'right'), moved(layout, 5, 'first'), moved(layout, 5, 'last')]).toEqual([0, 1, 0, 31])
  })

  test('a drawn rectangle takes what it touches, in any direction', () => {
    const layout = layOut(sections(40), { width: 24 + 10 * 28, height: 900, left: 24 })
    const forth = cellsIn(layout, 24 + 30, 5, 24 + 60, 40)
    expect(forth).toEqual([1, 2, 11, 12])
    expect(cellsIn(layout, 24 + 60, 40, 24 + 30, 5)).toEqual(forth)
  })
})

function walk(layout: Layout): number {
  let total = 0
  for (let cell = 0; cell < layout.cells; cell += 1) {
    const { from, to } = positionsOf(layout, cell)
    total += to - from
  }
  return total
}
