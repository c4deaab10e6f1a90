import { expect, it } from 'vitest'
import { places } from './places'

const doubled = (words: readonly string[]) => words.filter((word, at) => words.indexOf(word) !== at)

it('no two pages have the same name, keys, or place in the menu', () => {
  expect(places.length).toBeGreaterThan(50)
  expect(doubled(places.map((place) => place.name))).toEqual([])
  expect(doubled(places.flatMap((place) => place.keys ?? []))).toEqual([])
  expect(doubled(places.flatMap(({ menu }) => (menu ? `${menu.group} ${menu.order}` : [])))).toEqual([])
})
