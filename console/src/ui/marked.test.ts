import { effectScope, ref } from 'vue'
import { expect, test } from 'vitest'
import { useMarked, type Marked } from './marked'

function marked(...rows: number[]) {
  const keys = ref(rows)
  return { keys, row: effectScope().run(() => useMarked(() => keys.value)) as Marked }
}

test('the marked row stays the same when others come before it', () => {
  const { keys, row } = marked(7, 8, 9)
  row.move(1)
  row.move(1)
  expect(row.at.value).toBe(1)
  keys.value = [5, 6, 7, 8, 9]
  expect(row.at.value).toBe(3)
  row.move(-1)
  expect(row.at.value).toBe(2)
})

test('one goes on from where the marked row stood when it is gone', () => {
  const { keys, row } = marked(7, 8, 9)
  row.mark(1)
  keys.value = [7, 9, 10]
  expect(row.at.value).toBe(-1)
  row.move(1)
  expect(row.at.value).toBe(1)
  keys.value = [7, 10]
  row.move(-1)
  expect(row.at.value).toBe(0)
})

test('it ends where the list ends, and nothing is marked in an empty one', () => {
  const { keys, row } = marked(7, 8)
  for (let turn = 0; turn < 5; turn += 1) row.move(1)
  expect(row.at.value).toBe(1)
  for (let turn = 0; turn < 5; turn += 1) row.move(-1)
  expect(row.at.value).toBe(0)
  row.clear()
  expect(row.at.value).toBe(-1)
  keys.value = []
  row.move(1)
  expect(row.at.value).toBe(-1)
})
