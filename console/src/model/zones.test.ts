import { describe, expect, it } from 'vitest'
import { zonesOf } from './zones'

const SUMMER = Date.UTC(2026, 6, 1)

describe('the zones', () => {
  const zones = zonesOf(['Europe/Berlin', 'UTC'], SUMMER)

  it('begin with those that are given, each once', () => {
    expect(zones.slice(0, 2).map((one) => one.key)).toEqual(['Europe/Berlin', 'UTC'])
    expect(new Set(zones.map((one) => one.key)).size).toBe(zones.length)
  })

  it('are all that the browser knows, with their offsets', () => {
    expect(zones.length).toBeGreaterThan(300)
    expect(zones[0]).toEqual({ key: 'Europe/Berlin', label: 'Europe/Berlin', hint: 'UTC+2' })
    expect(zones.find((one) => one.key === 'America/New_York')).toMatchObject({ label: 'America/New York', hint: 'UTC-4' })
  })
})
