import { describe, expect, it } from 'vitest'
import { base64Of } from './base64'
import { bytesIn, contentOf, EMPTY, isNothing, sentOf } from './scriptContent'

const GBK = new Uint8Array([0x40, 0x65, 0x63, 0x68, 0x6f, 0x20, 0xd6, 0xd0, 0xce, 0xc4, 0x0d, 0x0a])

describe('the content of a script', () => {
  it('is text where it is UTF-8, and goes back as it came', () => {
    const content = contentOf(base64Of('echo 中文\r\n'))
    expect(content).toEqual({ kind: 'text', text: 'echo 中文\r\n' })
    expect(sentOf(content)).toEqual({ script: 'echo 中文\r\n', script_base64: null })
  })

  it('is bytes where it is no UTF-8, and not one of them changes', () => {
    const content = contentOf(base64Of(GBK))
    expect(content.kind).toBe('bytes')
    expect(sentOf(content)).toEqual({ script: null, script_base64: base64Of(GBK) })
    expect(bytesIn(content)).toEqual(GBK)
  })

  it('may be nothing yet', () => {
    expect([isNothing(EMPTY), isNothing(contentOf('')), isNothing(contentOf(base64Of(GBK)))]).toEqual([true, true, false])
  })
})
