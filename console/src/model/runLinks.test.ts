import { expect, test } from 'vitest'
import { hostsOf } from './runLinks'

test('a number of a run leads to the hosts that it counts', () => {
  expect(hostsOf('/biz/2', { id: 7, step_id: 70 }, 'fail')).toEqual({ path: '/biz/2/runs/7/steps/70', query: { status: 'fail,none' } })
  expect(hostsOf('/biz/2', { id: 7, step_id: 70 }, 'all')).toEqual({ path: '/biz/2/runs/7/steps/70', query: {} })
  expect(hostsOf('/biz/2', { id: 7, step_id: 70 }, 'over').query['status']).toBe('fail,none,term,ask,ign,ok')
})
