import { describe, expect, it } from 'vitest'
import { clashes, free, KINDS, TRIGGERS } from './policies'

const page = { trigger: 'PAGE_EXECUTE', kinds: ['SCRIPT', 'FILE'] }

describe('policies', () => {
  it('clash where two speak of the same', () => {
    expect(clashes([page], { trigger: 'PAGE_EXECUTE', kinds: ['FILE', 'JOB'] }, -1)).toEqual(['FILE'])
    expect(clashes([page], page, 0)).toEqual([])
    expect(clashes([page], { trigger: 'API_INVOKE', kinds: ['FILE'] }, -1)).toEqual([])
  })
  it('leave what is free to a new one', () => {
    expect(free([])).toEqual({ trigger: 'PAGE_EXECUTE', kinds: [...KINDS] })
    expect(free([page])).toEqual({ trigger: 'PAGE_EXECUTE', kinds: ['JOB'] })
    expect(free(TRIGGERS.map((trigger) => ({ trigger, kinds: KINDS })))).toBeUndefined()
  })
})
