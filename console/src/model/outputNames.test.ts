import { expect, test } from 'vitest'
import { isMeant, letterOf, namedAs } from './outputNames'

const first = { letter: 'A', key: '0f3c' }
const second = { letter: 'B', key: '77d1' }

test('a link to a group of a step that runs means the same hosts when letters have moved', () => {
  const name = namedAs(second, 40)
  const later = [{ letter: 'A', key: '77d1' }, { letter: 'B', key: '0f3c' }]
  expect(later.filter((group) => isMeant(group, [name]))).toEqual([later[0]])
  expect(letterOf(name, later)).toBe('A')
})

test('a group of a step that is over has its letter in the address', () => {
  expect(namedAs(first, 0)).toBe('A')
  expect(isMeant(first, ['A'])).toBe(true)
  expect(isMeant(second, ['A'])).toBe(false)
})

test('a name that means no group has no letter', () => {
  expect(letterOf('9999', [first, second])).toBe('…')
  expect(letterOf('A', [])).toBe('…')
})
