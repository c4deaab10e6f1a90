import { describe, expect, it } from 'vitest'
import { bothZones, durationWords, instantWords, relativeWords, shortWords, zoneWords } from './time'

const AT = Date.UTC(2026, 10, 22, 2, 0, 5)

describe('durations', () => {
  it.each([
    [0, '0s'], [42, '0.04s'], [420, '0.42s'], [9_999, '9.99s'], [12_345, '12s'], [59_999, '59s'], [192_000, '3m12s'],
    [3_840_000, '1h04m'], [183_600_000, '2d03h'], [-1, ''], [Number.NaN, ''], [Infinity, ''],
  ])('%d ms are %s', (ms, words) => expect(durationWords(ms)).toBe(words))
})

describe('instants', () => {
  it('are shown in the zone that was asked for', () => {
    expect(instantWords(AT, 'en', 'Asia/Shanghai')).toBe('11/22/2026, 10:00:05')
    expect(instantWords(AT, 'zh', 'UTC')).toContain('02:00:05')
  })

  it('are told in the server\'s zone too where that is another', () => {
    expect(bothZones(AT, 'en', 'Asia/Shanghai', 'UTC', 'Server:')).toBe('11/22/2026, 10:00:05 UTC+8\nServer: 11/22/2026, 02:00:05 UTC')
    expect(bothZones(AT, 'en', 'Asia/Shanghai', 'Asia/Singapore', 'Server:')).toBe('11/22/2026, 10:00:05 UTC+8')
    expect(bothZones(AT, 'en', 'UTC', '', 'Server:')).toBe('11/22/2026, 02:00:05 UTC')
  })

  it('are short within the same day of the zone', () => {
    expect(shortWords(AT, AT + 60_000, 'en', 'UTC')).toBe('02:00:05')
    expect(shortWords(AT, AT + 23 * 3_600_000, 'en', 'UTC')).toBe('11/22, 02:00')
    expect(shortWords(AT, AT + 400 * 86_400_000, 'en', 'UTC')).toBe('11/22/2026, 02:00')
  })

  it('are near or far in words', () => {
    expect(relativeWords(AT - 300_000, AT, 'en')).toBe('5 minutes ago')
    expect(relativeWords(AT + 7_200_000, AT, 'zh')).toBe('2小时后')
  })

  it('name the offset of a zone', () => {
    expect(zoneWords('Asia/Shanghai', AT)).toBe('UTC+8')
    expect(zoneWords('UTC', AT)).toBe('UTC')
  })
})
