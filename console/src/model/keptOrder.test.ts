import { expect, test } from 'vitest'
import { keptOrder } from './keptOrder'

test('what is shown keeps its place, and what is new comes behind', () => {
  const first = keptOrder([], ['disk', 'port'])
  const second = keptOrder(first, ['conf', 'port', 'disk'])
  expect([first, second]).toEqual([['disk', 'port'], ['disk', 'port', 'conf']])
  expect(keptOrder(second, ['conf'])).toEqual(['disk', 'port', 'conf'])
})
