import { describe, expect, it } from 'vitest'
import { momentOf } from './moment'

const NOW = Date.parse('2026-11-22T10:00Z')

describe('a moment in an address', () => {
  it('is a time ago', () => {
    expect(momentOf('90m', NOW)).toBe(NOW - 5_400_000)
    expect(momentOf('24h', NOW)).toBe(NOW - 86_400_000)
    expect(momentOf('7d', NOW)).toBe(NOW - 7 * 86_400_000)
  })
  it('is never before the epoch', () => expect(momentOf('99999d', NOW)).toBe(0))
  it('is a day or a minute of it', () => {
    expect(momentOf('2026-11-21', NOW)).toBe(Date.parse('2026-11-21T00:00Z'))
    expect(momentOf('2026-11-21T09:30', NOW)).toBe(Date.parse('2026-11-21T09:30Z'))
  })
  it('is nothing else', () => {
    for (const text of ['', 'now', '7', '7w', '2026-13-01', '2026-11-21T25:00', '1969-01-01']) expect(momentOf(text, NOW)).toBeUndefined()
  })
  it('is epoch milliseconds', () => expect(momentOf(String(NOW), 0)).toBe(NOW))
})
