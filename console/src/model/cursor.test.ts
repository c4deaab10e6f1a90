import { describe, expect, it } from 'vitest'
import { earliest, isBefore } from './cursor'

describe('cursors', () => {
  it('are later when more transactions have begun, or fewer are open', () => {
    expect(isBefore('9:12:', '9:13:')).toBe(true)
    expect(isBefore('9:12:9,10', '9:12:9')).toBe(true)
    expect(isBefore('10:12:', '9:12:9')).toBe(false)
    expect(isBefore('1:2:', '1:2:')).toBe(false)
  })

  it('may be larger than a number can say', () => {
    expect(isBefore('1:9007199254740993:', '1:9007199254740994:')).toBe(true)
  })

  it('begin with the earliest, and with none when there is none', () => {
    expect(earliest(['5:9:', '', '5:8:6', '5:8:'])).toBe('5:8:6')
    expect(earliest(['', ''])).toBe('')
  })
})
