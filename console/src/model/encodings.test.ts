import { describe, expect, it } from 'vitest'
import { base64Of } from './base64'
import { likelyEncoding, readAs } from './encodings'

const of = (...bytes: number[]) => base64Of(Uint8Array.from(bytes))
const GBK = of(0x65, 0x63, 0x68, 0x6f, 0x20, 0xc4, 0xe3, 0xba, 0xc3, 0x0d, 0x0a) // echo 你好
const WIDE = of(0xff, 0xfe, 0x60, 0x4f, 0x0a, 0x00)

describe('scripts that are no UTF-8', () => {
  it('are read in the encoding that they are likely in', () => {
    expect([GBK, WIDE, of(0xfe, 0xff, 0x4f, 0x60), of(0x63, 0x61, 0x66, 0xe9)].map(likelyEncoding)).toEqual(['gb18030', 'utf-16le', 'utf-16be', 'windows-1252'])
    expect(readAs(GBK, 'gb18030')).toEqual({ text: 'echo 你好\r\n', isExact: true })
    expect(readAs(WIDE, 'utf-16le')).toEqual({ text: '你\n', isExact: true })
  })

  it('say when an encoding does not fit', () => {
    expect(readAs(GBK, 'euc-kr').text).not.toContain('你好')
    expect(readAs(of(0x80, 0x61), 'gb18030')).toMatchObject({ isExact: true })
    expect(readAs(of(0xff, 0x61), 'gb18030').isExact).toBe(false)
  })
})
