import { describe, expect, test } from 'vitest'
import { clockAt, instantOf, zones } from './zoneTime'

describe('clock times of a zone', () => {
  test.each([
    ['2026-12-24T18:00', 'Europe/Berlin', '2026-12-24T17:00:00Z'],
    ['2026-07-01T00:30', 'Asia/Shanghai', '2026-06-30T16:30:00Z'],
    ['2026-07-01T00:30', 'Asia/Kolkata', '2026-06-30T19:00:00Z'],
    ['2026-01-01T00:00', 'UTC', '2026-01-01T00:00:00Z'],
    ['2026-03-08T12:00', 'America/New_York', '2026-03-08T16:00:00Z'],
  ])('%s in %s', (text, zone, instant) => {
    expect(instantOf(text, zone)).toBe(Date.parse(instant))
    expect(clockAt(Date.parse(instant), zone)).toBe(text)
  })

  test('of a time that comes twice the first is meant', () => expect(instantOf('2026-10-25T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-10-25T00:30:00Z')))

  test('a time that the clocks leave out comes after they have changed', () => expect(instantOf('2026-03-29T02:30', 'Europe/Berlin')).toBe(Date.parse('2026-03-29T01:30:00Z')))

  test.each(['', '2026-13-01T00:00', 'tomorrow', '2026-01-01'])('«%s» is none', (text) => expect(instantOf(text, 'UTC')).toBeUndefined())

  test('zones are known by name', () => {
    expect(zones('Asia/Tokyo')[0]).toBe('Asia/Tokyo')
  })
})
