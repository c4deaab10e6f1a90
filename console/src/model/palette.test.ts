import { describe, expect, it } from 'vitest'
import { fit, fitting, runNumber, withRest } from './palette'

describe('the palette', () => {
  it.each([
    ['123', 123], [' #10019 ', 10019], ['https://job.example/biz/2/runs/77/steps/8', 77], ['http://bk/api_execute/5?batch=1', 5], ['/2/execute/step/9', 9], ['nginx', undefined], ['10.0.0.1', undefined], ['12 34', undefined],
  ])('reads a run in %s', (text, number) => expect(runNumber(text)).toBe(number))

  it('takes words in any order', () => {
    expect(fit('Restart nginx', 'nginx rest')).toBeGreaterThan(0)
    expect(fit('Restart nginx', 'apache')).toBe(0)
    expect(fit('Restart nginx', '')).toBe(1)
  })

  it('puts what begins with it first', () => {
    const entry = (label: string) => ({ key: label, group: '', label, hint: '', to: '' })
    expect(fitting([entry('My jobs'), entry('Runs'), entry('Jobs')], 'jobs').map((one) => one.label)).toEqual(['Jobs', 'My jobs'])
  })
})

it('ends a kind of which not all are shown with the way to all of them', () => {
  const one = { key: 'run 1', group: 'runs', label: 'nightly', hint: '', to: '/runs/1' }
  expect(withRest([one], 1, 'runs', '/runs?name=n')).toEqual([one])
  expect(withRest([one], 30, 'runs', '/runs?name=n')).toEqual([one, { key: 'all runs', group: 'runs', label: '', hint: '', to: '/runs?name=n', all: 30 }])
})
