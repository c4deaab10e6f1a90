import { describe, expect, it } from 'vitest'
import { read, written, type Form } from './settingValue'

const number: Form = { kind: 'number', nullable: false, least: 1, most: 100 }
const list: Form = { kind: 'list', nullable: true }
const table: Form = { kind: 'table', nullable: false }

describe('a value of a setting', () => {
  it('is read as it was written', () => {
    for (const [form, value] of [[number, 7], [list, ['a.example', '*.b']], [table, { 'biz:2': 60, 'biz:3': 5 }], [{ kind: 'text', nullable: false }, '[a-z]+']] as const) {
      expect(read(form, written(form, value))).toEqual(value)
    }
  })
  it('has no number beyond its limits', () => expect(['0', '101', 'x', '', '1.5'].map((one) => read(number, one))).toEqual(Array(5).fill(undefined)))
  it('may be nothing where that is allowed', () => {
    expect(read({ ...number, nullable: true }, ' ')).toBeNull()
    expect(written(list, null)).toBe('')
  })
  it('leaves out empty lines of a list', () => expect(read(list, ' a \n\n b')).toEqual(['a', 'b']))
  it('is no table without numbers', () => expect(read(table, 'biz:2 = many')).toBeUndefined())
})
