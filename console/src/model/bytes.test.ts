import { describe, expect, it } from 'vitest'
import { sizeWords, shownText } from './bytes'

describe('sizes', () => {
  it('have the unit that fits', () => {
    expect([0, 512, 1024, 1536, 20 * 2 ** 20, 123.4 * 2 ** 20, 3 * 2 ** 40].map(sizeWords)).toEqual(['0 B', '512 B', '1 KiB', '1.5 KiB', '20 MiB', '123 MiB', '3 TiB'])
  })
})

describe('texts in Base64', () => {
  it('are read as UTF-8', () => expect(shownText('5Lit5paHCg==')).toEqual({ text: '中文\n', isExact: true }))
  it('say when they are none', () => expect(shownText('//4=').isExact).toBe(false))
})
