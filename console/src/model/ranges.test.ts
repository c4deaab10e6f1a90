import { describe, expect, test } from 'vitest'
import { randomFrom } from './random'
import { foldAddresses, foldIds, foldNumbers, unfold, unfoldNumbers } from './ranges'

describe('folding', () => {
  test('neighbours become a range', () => {
    expect(foldAddresses(['10.20.7.3', '10.20.7.5', '10.20.7.4', '10.20.7.9'])).toEqual(['10.20.7.[3-5,9]'])
  })

  test('one address stays an address, and each is named once', () => {
    expect(foldAddresses(['10.0.0.1', '10.0.0.1'])).toEqual(['10.0.0.1'])
  })

  test('areas stay apart, networks are in the order of numbers', () => {
    expect(foldAddresses(['10.0.10.1', '3:10.0.0.1', '10.0.9.1', '3:10.0.0.2'])).toEqual(['10.0.9.1', '10.0.10.1', '3:10.0.0.[1-2]'])
  })

  test('what is no IPv4 address stays as it is', () => {
    expect(foldAddresses(['fe80::1', 'web-1', '10.0.0.999'])).toEqual(['fe80::1', 'web-1', '10.0.0.999'])
  })

  test('ids fold from three on', () => {
    expect(foldIds([101, 103, 102, 7, 8])).toEqual(['7', '8', '[101-103]'])
    expect(foldIds([])).toEqual([])
  })

  test('a text that is not folded, or wrongly so, names itself', () => {
    for (const text of ['10.0.0.1', 'web-[1-3]', '10.0.0.[3-1]', '[1-9999999]']) expect(unfold(text)).toEqual([text])
    expect(unfoldNumbers('1,,2')).toBeNull()
  })

  test('unfolding gives back what was folded, for any set of addresses', () => {
    const random = randomFrom(7)
    for (let round = 0; round < 200; round += 1) {
      const area = () => (random(3) === 0 ? `${random(4)}:` : '')
      const some = Array.from({ length: random(60) }, () => `${area()}10.${random(2)}.${random(2)}.${random(40)}`)
      const back = foldAddresses(some).flatMap(unfold)
      expect(new Set(back)).toEqual(new Set(some))
      expect(back).toHaveLength(new Set(some).size)
    }
  })

  test('unfolding gives back what was folded, for any set of numbers', () => {
    const random = randomFrom(11)
    for (let round = 0; round < 200; round += 1) {
      const some = [...new Set(Array.from({ length: 1 + random(50) }, () => random(120)))].sort((a, b) => a - b)
      expect(unfoldNumbers(foldNumbers(some))).toEqual(some)
      expect(foldIds(some).flatMap(unfold).map(Number)).toEqual(some)
    }
  })
})
