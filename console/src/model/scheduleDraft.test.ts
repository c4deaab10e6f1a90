import { expect, test } from 'vitest'
import { draftOfSchedule, newSchedule, timingOf } from './scheduleDraft'

const SHOWN = {
  schedule: { name: 'nightly', plan_id: 3, expression: '0 4 * * *', execute_at: null, time_zone: 'Asia/Tokyo', end_at: Date.parse('2026-12-31T15:00:00Z'), overlap: 'queue' },
  values: [{ name: 'v', value: '1', hosts: null }, { name: 'web', value: null, hosts: { host_ids: [1] } }],
}

test('a draft says what was there, in the zone of the schedule', () => {
  const draft = draftOfSchedule(SHOWN, () => ['1'])
  expect(draft).toMatchObject({ kind: 'cron', until: '2027-01-01T00:00', given: { values: { v: '1' }, hosts: { web: ['1'] } }, overlap: 'queue' })
  expect(timingOf(draft)).toEqual({ expression: '0 4 * * *', execute_at: null, time_zone: 'Asia/Tokyo', end_at: SHOWN.schedule.end_at })
})

test('what fires once needs its moment', () => {
  const draft = { ...newSchedule('UTC'), kind: 'once' as const }
  expect(timingOf(draft)).toBeUndefined()
  expect(timingOf({ ...draft, at: '2026-12-24T18:00' })).toMatchObject({ expression: '', execute_at: Date.parse('2026-12-24T18:00:00Z') })
  expect(timingOf({ ...newSchedule('UTC'), expression: ' ' })).toBeUndefined()
})
