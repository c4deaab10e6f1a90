import { describe, expect, it } from 'vitest'
import { foldBatches, readRolling, tidyRolling } from './rolling'

describe('rolling expressions', () => {
  it('are read part by part', () => {
    expect(readRolling(' 10 20%  +5 *2 100%')).toEqual({
      parts: [
        { kind: 'count', number: 10 },
        { kind: 'percent', number: 20 },
        { kind: 'plus', number: 5 },
        { kind: 'times', number: 2 },
        { kind: 'percent', number: 100 },
      ],
    })
  })

  it.each(['0', '101%', '1,5', 'x', '', '5 0%', '-1'])('name what is wrong in %j', (expression) => {
    expect(readRolling(expression)).toHaveProperty('wrong')
  })

  it('lose what is too much', () => {
    expect(tidyRolling('  1   10% ')).toBe('1 10%')
  })
})

describe('batches', () => {
  it('of one size that follow one another are one', () => {
    expect(foldBatches([1, 1, 1, 5, 3])).toEqual([
      { from: 1, to: 3, size: 1 },
      { from: 4, to: 4, size: 5 },
      { from: 5, to: 5, size: 3 },
    ])
    expect(foldBatches([])).toEqual([])
  })
})
