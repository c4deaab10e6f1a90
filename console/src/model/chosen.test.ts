import { describe, expect, it } from 'vitest'
import { areAll, countHidden, withAll } from './chosen'

describe('rows that are chosen', () => {
  it('are all when each that is shown is, not when there are as many', () => {
    expect(areAll([1, 2], new Set([1, 2, 9]))).toBe(true)
    expect(areAll([1, 2], new Set([8, 9]))).toBe(false)
    expect(areAll([], new Set())).toBe(false)
  })

  it('come and go with those that are shown; hidden ones stay', () => {
    expect([...withAll([1, 2], new Set([9]), true)]).toEqual([9, 1, 2])
    expect([...withAll([1, 2], new Set([1, 2, 9]), false)]).toEqual([9])
  })

  it('are counted where a filter hides them', () => {
    expect([countHidden([1, 2], new Set([1, 8, 9])), countHidden([1, 2], new Set([1])), countHidden([1], new Set())]).toEqual([2, 0, 0])
  })
})
