import { describe, expect, test } from 'vitest'
import { type OfferedAction, actionsFor, blastOf, isDangerous, primaryOf, stepThatMatters } from './runActions'

function offer(name: string, allowed = true, count = 1, step_id: number | null = 1): OfferedAction {
  return { name, allowed, count, step_id, reason_text: allowed ? '' : 'no' }
}

describe('the one button', () => {
  test('is what the state asks for', () => {
    expect(primaryOf([offer('stop', true, 1, null), offer('confirm')])?.name).toBe('confirm')
    expect(primaryOf([offer('stop', false, 1, null), offer('ignore_error'), offer('retry_all'), offer('retry_failed')])?.name).toBe('retry_failed')
    expect(primaryOf([offer('stop', true, 1, null), offer('retry_failed', false)])?.name).toBe('stop')
    expect(primaryOf([offer('stop', false)])).toBeUndefined()
  })

  test('comes from the step first, then the run, then what other steps allow', () => {
    const some = [offer('stop', true, 1, null), offer('retry_failed', false, 1, 7), offer('retry_failed', true, 3, 8), offer('retry_all', false, 3, 8)]
    expect(actionsFor(some, 7).map((one) => [one.name, one.step_id])).toEqual([['retry_failed', 7], ['stop', null], ['retry_failed', 8]])
  })
})

describe('friction', () => {
  test('grows with the hosts and never slows down who stops', () => {
    const blasts = (medium_from: number, high_from: number | null) => [0, 20, 21, 1001].map((hosts) => blastOf({ medium_from, high_from }, hosts))
    expect(blasts(21, 1001)).toEqual(['low', 'low', 'medium', 'high'])
    expect(blasts(21, null)).toEqual(['low', 'low', 'medium', 'medium'])
    expect(blasts(0, 1001)).toEqual(['medium', 'medium', 'medium', 'high'])
    expect([isDangerous('stop'), isDangerous('retry_failed')]).toEqual([true, false])
  })
})

describe('the step that matters', () => {
  const at = (...statuses: number[]) => stepThatMatters(statuses.map((status, id) => ({ id, status })))?.id

  test('is the open one, else the first failed, else the last that began', () => {
    expect(at(3, 4, 2, 1)).toBe(2)
    expect(at(3, 7, 1)).toBe(1)
    expect(at(6, 4, 4, 1)).toBe(1)
    expect(at(3, 3, 1)).toBe(1)
    expect(at(1, 1)).toBe(0)
    expect(at()).toBeUndefined()
  })
})
