import { describe, expect, it } from 'vitest'
import { classesOf, markSpans, plainOf, spansOf } from './ansi'
import { randomFrom } from './random'

const texts = (line: string) => spansOf(line).map((span) => span.text)

describe('a line of output', () => {
  it('has colours and weight, and nothing else of a terminal', () => {
    const line = '\x1b[31mred\x1b[0m \x1b[1;92mgreen\x1b[22m\x1b[39m \x1b[2J\x1b[10;20H\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ \x1b(B\x1bcend\x1b[3'
    expect(texts(line).join('')).toBe('red green link end')
    expect(spansOf(line).slice(0, 3).map((span) => classesOf(span.look))).toEqual(['ink-1', '', 'ink-10 a-bold'])
  })

  it('maps long colours to the sixteen', () => {
    const looks = (line: string) => spansOf(line).map((span) => classesOf(span.look))
    expect(looks('\x1b[38;5;196mx')).toEqual(['ink-9'])
    expect(looks('\x1b[38;2;0;90;0mx')).toEqual(['ink-2'])
    expect(looks('\x1b[48;5;236;1mx')).toEqual(['paper-0 a-bold'])
    expect(looks('\x1b[38:5:3mx\x1b[7my\x1b[mz')).toEqual(['ink-3', 'paper-3', ''])
  })

  it('shows control characters and drops returns at its end', () => {
    expect(plainOf('a\x00b\x07\tc\rd\r\r')).toBe('a\u2400b\u2407\tc\u240dd')
  })

  it('keeps markup as text', () => {
    expect(texts('<img src=x onerror=alert(1)>')).toEqual(['<img src=x onerror=alert(1)>'])
  })

  it('keeps every character that is no escape, whatever comes', () => {
    const random = randomFrom(7)
    const pieces = ['\x1b[', '\x1b]', '31', 'm', ';', 'K', '\x07', '\x1b\\', 'text', '<b>', ' ', 'é', '😀', '\r', '\x00', '\x1b', '?25l', '(B']
    for (let round = 0; round < 3000; round += 1) {
      const line = Array.from({ length: random(14) }, () => pieces[random(pieces.length)]).join('')
      const shown = texts(line).join('')
      expect(shown).toBe(plainOf(line))
      expect(shown).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f]/)
      if (!line.includes('\x1b') && !line.includes('\r') && !line.includes('\x00') && !line.includes('\x07')) expect(shown).toBe(line)
    }
  })
})

describe('marks', () => {
  it('cut spans where they begin and end', () => {
    const marked = markSpans(spansOf('ab\x1b[31mcd\x1b[0mef'), [[1, 3], [5, 6]])
    expect(marked.map((one) => [one.text, one.mark])).toEqual([['a', -1], ['b', 0], ['c', 0], ['d', -1], ['e', -1], ['f', 1]])
  })
})
