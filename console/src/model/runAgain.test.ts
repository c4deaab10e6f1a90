import { describe, expect, it } from 'vitest'
import { quickRunOf, runFrom, runSource, stepMeant } from './runAgain'

const steps = [{ step_id: 4, type: 'approval' }, { step_id: 5, type: 'script' }, { step_id: 6, type: 'script' }, { step_id: 7, type: 'file' }]
const kinds = ['script', 'sql']

describe('the same again', () => {
  it('is named by a run, or by one of its steps', () => {
    for (const one of [{ jobId: 12, stepId: undefined }, { jobId: 12, stepId: 6 }]) expect(runSource(runFrom(one.jobId, one.stepId))).toEqual(one)
    expect(['', 'run:', 'run:x', 'run:1/', 'script:5@6', 'draft:7'].map(runSource)).toEqual(Array(6).fill(undefined))
  })

  it('is the step that was looked at, not the first of the plan', () => {
    expect(stepMeant(steps, { jobId: 1, stepId: 6 }, kinds)?.step_id).toBe(6)
    expect(stepMeant(steps, { jobId: 1, stepId: undefined }, kinds)?.step_id).toBe(5)
    expect(stepMeant(steps, { jobId: 1, stepId: 7 }, kinds)).toBeUndefined()
  })

  it('goes to the quick run of its kind', () => {
    expect(['script', 'sql', 'file'].map(quickRunOf)).toEqual(['script', 'script', 'file'])
  })
})
