import { describe, expect, it } from 'vitest'
import { byDay, spanOf } from './days'

const NOW = Date.UTC(2026, 10, 22, 2, 30)

describe('runs by day', () => {
  it('count in the zone of whoever looks', () => {
    const spans = [{ at: Date.UTC(2026, 10, 21, 15), runs: 2, failed: 1 }, { at: Date.UTC(2026, 10, 21, 17), runs: 3, failed: 0 }]
    expect(byDay(spans, NOW, 2, 'UTC').map((day) => [day.label, day.runs, day.failed])).toEqual([['11-21', 5, 1], ['11-22', 0, 0]])
    expect(byDay(spans, NOW, 2, 'Asia/Shanghai').map((day) => [day.label, day.runs, day.failed])).toEqual([['11-21', 2, 1], ['11-22', 3, 0]])
  })

  it('are counted by spans that no day parts, whatever the zone', () => {
    const hours = ['UTC', 'Asia/Shanghai', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Lord_Howe'].map((zone) => spanOf(NOW, 14, zone) / 3_600_000)
    expect(hours).toEqual([1, 1, 1, 0.5, 0.25, 1])
    expect(spanOf(Date.UTC(2026, 3, 6), 14, 'Australia/Lord_Howe')).toBe(1_800_000)
    for (const zone of ['Asia/Shanghai', 'Asia/Kolkata', 'Asia/Kathmandu']) {
      const [length, day] = [spanOf(NOW, 3, zone), byDay([], NOW, 3, zone)[1]]
      // The first and the last span of the day before, each with another number of runs: they must not be taken for each other's day.
      const spans = [{ at: (day?.at ?? 0) - length, runs: 100, failed: 0 }, { at: day?.at ?? 0, runs: 10, failed: 0 }, { at: (day?.until ?? 0) - length, runs: 5, failed: 0 }, { at: day?.until ?? 0, runs: 1, failed: 0 }]
      expect(byDay(spans, NOW, 3, zone).map((one) => one.runs)).toEqual([100, 15, 1])
      expect(new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(day?.at)).toBe('00:00')
    }
  })

  it('are as many as asked for, one after the other', () => {
    const days = byDay([], NOW, 14, 'America/New_York')
    expect(days).toHaveLength(14)
    for (const [at, day] of days.entries()) expect(day.at).toBe(at ? days[at - 1]?.until : day.at)
    expect(days.at(-1)?.until).toBe(NOW)
  })

  it('leave nothing out where clocks change', () => {
    const end = Date.UTC(2026, 10, 3)
    const spans = Array.from({ length: 24 * 5 }, (_, hour) => ({ at: end - (hour + 1) * 3_600_000, runs: 1, failed: 0 }))
    const days = byDay(spans, end, 4, 'America/New_York')
    expect(days.map((day) => [day.label, day.runs])).toEqual([['10-30', 24], ['10-31', 24], ['11-01', 25], ['11-02', 19]])
  })
})
