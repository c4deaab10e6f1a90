import { expect, test } from 'vitest'
import { tickedOf, tickPage } from './columns'

test('ticking a page leaves the other pages as they are', () => {
  expect(tickPage([1, 2, 7], [7, 8, 9], true)).toEqual([1, 2, 7, 8, 9])
  expect(tickPage([1, 2, 7, 8, 9], [7, 8, 9], false)).toEqual([1, 2])
})

test('what is ticked on other pages is counted', () => {
  expect(tickedOf([1, 2, 7], [7, 8])).toEqual({ here: 1, elsewhere: 2 })
  expect(tickedOf([], [7])).toEqual({ here: 0, elsewhere: 0 })
})
