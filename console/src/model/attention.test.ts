import { describe, expect, it } from 'vitest'
import { answered, attentionOf, present } from './attention'

const gone = Object.assign(new Error('gone'), { status: 404 })
const lost = Object.assign(new Error('no answer'), { status: 0 })
const refused = Object.assign(new Error('not yours'), { status: 403 })

describe('what needs somebody', () => {
  it('is nothing only when everything has answered', () => {
    expect(attentionOf([{ data: [], error: null }, { data: {}, error: null }], 0)).toBe('none')
    expect(attentionOf([{ data: [], error: null }, { data: undefined, error: null }], 0)).toBe('unknown')
    expect(attentionOf([{ data: [], error: null }, { data: undefined, error: lost }], 0)).toBe('unknown')
  })
  it('is not known either when an answer is old and the next one failed', () => expect(answered({ data: [], error: lost })).toBe(false))
  it('is nothing of what one may not see: that needs somebody else', () => expect(attentionOf([{ data: undefined, error: refused }], 0)).toBe('none'))
  it('is something as soon as one thing is known', () => expect(attentionOf([{ data: undefined, error: lost }], 1)).toBe('some'))
})

describe('things that are asked for one by one', () => {
  it('leave out what is gone or may not be seen', () => {
    expect(present([{ status: 'fulfilled', value: 1 }, { status: 'rejected', reason: gone }, { status: 'rejected', reason: refused }])).toEqual([1])
  })
  it('fail when one has no answer: it may well be there', () => {
    expect(() => present([{ status: 'fulfilled', value: 1 }, { status: 'rejected', reason: lost }])).toThrow('no answer')
  })
})
