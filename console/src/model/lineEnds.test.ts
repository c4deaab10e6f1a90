import { describe, expect, it } from 'vitest'
import { endsOf, usualEnds, withEnds } from './lineEnds'

describe('line ends', () => {
  it('are told by what is there', () => {
    expect(endsOf('')).toBeUndefined()
    expect(endsOf('one line')).toBeUndefined()
    expect(endsOf('a\nb\n')).toBe('lf')
    expect(endsOf('a\r\nb\r\n')).toBe('crlf')
    expect(endsOf('a\r\nb\n')).toBe('mixed')
    expect(endsOf('a\rb')).toBe('mixed')
    expect(endsOf('a\r\r\nb')).toBe('mixed')
  })

  it('are changed only as a whole', () => {
    expect(withEnds('a\r\nb\nc\rd', 'lf')).toBe('a\nb\nc\nd')
    expect(withEnds('a\r\nb\nc\rd', 'crlf')).toBe('a\r\nb\r\nc\r\nd')
    expect(withEnds('x', 'crlf')).toBe('x')
  })

  it('of new batch files have returns', () => expect(['bat', 'shell', 'powershell'].map(usualEnds)).toEqual(['crlf', 'lf', 'lf']))
})
