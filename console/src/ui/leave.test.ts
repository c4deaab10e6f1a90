import { effectScope } from 'vue'
import { afterEach, expect, test } from 'vitest'
import { letGo, mayLeave, question, useLeaveGuard } from './leave'

const scope = effectScope()
afterEach(() => question.value?.(false))

test('a page is left at once when there is nothing to lose', () => expect(mayLeave()).toBe(true))

test('who would lose something is asked, until it is saved or gone', async () => {
  let dirty = true
  const guard = scope.run(() => useLeaveGuard(() => dirty))
  const first = mayLeave()
  question.value?.(false)
  expect(await first).toBe(false)
  const second = mayLeave()
  const third = mayLeave()
  expect(await second).toBe(false)
  question.value?.(true)
  expect([await third, question.value]).toEqual([true, undefined])
  dirty = false
  expect(mayLeave()).toBe(true)
  dirty = true
  guard?.release()
  expect(mayLeave()).toBe(true)
})

test('what its page saves by itself is asked about with the tab only', () => {
  const own = effectScope()
  own.run(() => useLeaveGuard(() => true, { page: () => false }))
  expect([mayLeave(), mayLeave('view')]).toEqual([true, true])
  own.stop()
})

test('what is not saved by the one before asks the next one nothing', () => {
  const own = effectScope()
  own.run(() => useLeaveGuard(() => true))
  letGo()
  expect(mayLeave()).toBe(true)
  own.stop()
})

test('who is gone asks nothing', () => {
  const own = effectScope()
  own.run(() => useLeaveGuard(() => true))
  own.stop()
  expect(mayLeave()).toBe(true)
})
