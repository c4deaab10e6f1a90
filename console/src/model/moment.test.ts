import { describe, expect, it } from 'vitest'
import { endOf, momentOf } from './moment'

const NOW = Date.parse('2026-11-22T12:00Z')
const SHANGHAI = 'Asia/Shanghai'

describe('a moment in an address', () => {
  it('is so long ago', () => {
    expect(momentOf('90m', NOW, 'UTC')).toBe(NOW - 5_400_000)
    expect(momentOf('24h', NOW, 'UTC')).toBe(NOW - 86_400_000)
    expect(momentOf('7d', NOW, 'UTC')).toBe(NOW - 7 * 86_400_000)
  })
  it('is never before the epoch', () => expect(momentOf('99999d', NOW, 'UTC')).toBe(0))
  it('is a day or a minute of the clocks that the viewer has', () => {
    expect(momentOf('2026-11-21', NOW, 'UTC')).toBe(Date.parse('2026-11-21T00:00Z'))
    expect(momentOf('2026-11-21', NOW, SHANGHAI)).toBe(Date.parse('2026-11-20T16:00Z'))
    expect(momentOf('2026-11-21T09:30', NOW, SHANGHAI)).toBe(Date.parse('2026-11-21T01:30Z'))
    expect(momentOf('2026-11-21 09:30', NOW, SHANGHAI)).toBe(Date.parse('2026-11-21T01:30Z'))
  })
  it('is nothing for other texts', () => {
    for (const text of ['', 'now', '7', '7w', '22.11.', '2026/11/22', '2026-13-01', '2026-11-21T25:00', '1969-01-01']) expect(momentOf(text, NOW, 'UTC')).toBeUndefined()
  })
  it('is epoch milliseconds', () => expect(momentOf(String(NOW), 0, SHANGHAI)).toBe(NOW))
})

describe('the end of a span in an address', () => {
  it('takes the whole of a day in, whatever its length', () => {
    expect(endOf('2026-11-22', NOW, SHANGHAI)).toBe(Date.parse('2026-11-22T16:00Z'))
    expect(endOf('2026-10-25', NOW, 'Europe/Berlin')).toBe(Date.parse('2026-10-25T23:00Z'))
  })
  it('is the moment itself for what names one', () => {
    expect(endOf('2026-11-22T08:00', NOW, SHANGHAI)).toBe(Date.parse('2026-11-22T00:00Z'))
    expect(endOf('24h', NOW, 'UTC')).toBe(NOW - 86_400_000)
    expect(endOf('soon', NOW, 'UTC')).toBeUndefined()
  })
})
