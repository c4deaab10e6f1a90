import { expect, it } from 'vitest'
import { bytesWords } from './fileSize'

it('names sizes with their unit', () => {
  expect(bytesWords(0, 'en')).toBe('0 byte')
  expect(bytesWords(1536, 'en')).toBe('1.5 kB')
  expect(bytesWords(20_000_000, 'en')).toBe('20 MB')
  expect(bytesWords(5e12, 'en')).toBe('5,000 GB')
})
