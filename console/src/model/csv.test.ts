import { expect, it } from 'vitest'
import { csvOf } from './csv'
import { sizeWords } from './sizes'

it('writes cells that sheets read as they are', () => {
  expect(csvOf([['a', 1], ['x,"y"', '=1+1'], ['two\nlines', '-']])).toBe('\ufeffa,1\r\n"x,""y""",\'=1+1\r\n"two\nlines",\'-\r\n')
})

it('says sizes', () => expect([0, 812, 1024, 1_468_006, 5 * 2 ** 30, 300 * 2 ** 20].map(sizeWords)).toEqual(['0 B', '812 B', '1 KiB', '1.4 MiB', '5 GiB', '300 MiB']))
