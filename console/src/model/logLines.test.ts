import { describe, expect, it } from 'vitest'
import { BLOCK_LINES, findHere, KEPT_LINES, LogLines, nextHit, parseRange, placesOf, textsOf, withContext, writeRange, type LineColumns } from './logLines'
import { randomFrom } from './random'
import { barAt, barHeight, lastTop, MAX_BAR_PX, reveal, rowAt } from './logScroll'

function columns(first: number, count: number, total: number, text = (number: number) => `line ${number}`): LineColumns {
  const number = Array.from({ length: count }, (_, index) => first + index)
  return { number, text: number.map(text), stream: number.map(() => 1), at: number.map(() => 7), cut: [], total_lines: total }
}

describe('the lines of a log', () => {
  it('are asked for where they are missing', () => {
    const log = new LogLines()
    log.put(columns(1, 10, 5_000))
    expect(log.missing(1, 100, 50)).toEqual([11, 50])
    log.put(columns(61, 40, 5_000))
    expect(log.missing(1, 100, 500)).toEqual([11, 50])
    log.put(columns(11, 50, 5_000))
    expect(log.missing(1, 100, 500)).toBeUndefined()
    expect([log.line(61)?.text, log.line(101), log.isWhole]).toEqual(['line 61', undefined, false])
    for (let first = 1; first < 5_000; first += 500) log.put(columns(first, 500, 5_000))
    expect(log.isWhole).toBe(true)
  })

  it('may grow at their end', () => {
    const log = new LogLines()
    log.put(columns(1, 3, 3))
    log.put({ ...columns(3, 2, 4, (number) => `anew ${number}`), cut: [{ line: 1, cut_bytes: 9 }] })
    expect([log.line(3)?.text, log.line(4)?.cutBytes, log.isWhole]).toEqual(['anew 3', 9, true])
  })

  it('are dropped far from what is looked at when there are too many', () => {
    const log = new LogLines()
    const total = KEPT_LINES + 20 * BLOCK_LINES
    for (let first = 1; first <= total; first += BLOCK_LINES) log.put(columns(first, BLOCK_LINES, total))
    log.trim(total)
    expect([log.text(1), log.text(total), log.isWhole]).toEqual([undefined, `line ${total}`, false])
    expect(log.text(total - KEPT_LINES + 1)).toBeDefined()
  })

  it('are searched and counted truly when there are many', () => {
    const log = new LogLines()
    for (let first = 1; first <= 100_000; first += BLOCK_LINES) log.put(columns(first, BLOCK_LINES, 100_000, (n) => (n % 1000 ? `request ${n} served` : `ERROR error ${n}`)))
    const hits = findHere(log, 'error', false)
    expect([hits.matches, hits.matchingLines, hits.lines[1]]).toEqual([200, 100, 2000])
    expect(findHere(log, 'error', true).matches).toBe(100)
  })

  it('are searched as line by line, whatever is in them', () => {
    const below = randomFrom(7)
    const letters = ['a', 'A', 'b', ' ', '', 'İ', 'ß', 'ab']
    const word = (most: number) => Array.from({ length: below(most) }, () => letters[below(letters.length)]).join('')
    for (let turn = 0; turn < 60; turn += 1) {
      const texts = Array.from({ length: 1 + below(2_500) }, () => word(6))
      const log = new LogLines()
      log.put(columns(1, texts.length, texts.length, (number) => texts[number - 1] as string))
      const needle = word(3) || 'a'
      for (const matchCase of [true, false]) {
        const small = (text: string) => (matchCase ? text : text.toLowerCase())
        const counts = texts.map((text) => small(text).split(small(needle)).length - 1)
        const hits = findHere(log, needle, matchCase)
        expect(hits.lines).toEqual(counts.flatMap((count, at) => (count ? [at + 1] : [])))
        expect(hits.matches).toBe(counts.reduce((sum, count) => sum + count, 0))
      }
    }
  })

  it('are searched anew where they have grown', () => {
    const log = new LogLines()
    log.put(columns(1, 3, 3))
    expect(findHere(log, 'more', false).matches).toBe(0)
    log.put(columns(3, 2, 4, (number) => `line ${number} and more`))
    expect([findHere(log, 'MORE', false).lines, findHere(log, 'MORE', true).lines, findHere(log, 'e 3\nl', false).lines]).toEqual([[3, 4], [], []])
  })
})

describe('matches', () => {
  it('are marked in a line', () => expect(placesOf('aXbxx', 'x', false)).toEqual([[1, 2], [3, 4], [4, 5]]))
  it('come with lines around them', () => expect(withContext([2, 4, 9], 1, 9)).toEqual([1, 2, 3, 4, 5, 8, 9]))
  it('are walked around the end', () => {
    expect([nextHit([2, 4], 2, 1), nextHit([2, 4], 4, 1), nextHit([2, 4], 2, -1), nextHit([], 2, 1)]).toEqual([1, 0, 1, -1])
  })
})

describe('links to lines', () => {
  it('are read and written', () => {
    expect([parseRange('#L10'), parseRange('#L20-L10'), parseRange('#L0'), parseRange('#x')]).toEqual([
      { first: 10, last: 10 }, { first: 10, last: 20 }, undefined, undefined,
    ])
    expect(writeRange(parseRange('#L3-5'))).toBe('#L3-L5')
  })
})

describe('the scrollbar', () => {
  const short = { rows: 100, rowPx: 18, viewPx: 180 }
  const long = { rows: 2_000_000, rowPx: 18, viewPx: 180 }

  it('is as long as its lines, or scaled', () => {
    expect([barHeight(short), barHeight(long)]).toEqual([1800, MAX_BAR_PX])
    expect([rowAt(short, 36), rowAt(long, MAX_BAR_PX)]).toEqual([2, lastTop(long)])
    for (const frame of [short, long]) expect(rowAt(frame, barAt(frame, 77))).toBeCloseTo(77, 3)
  })

  it('goes no further than needed to show a row', () => {
    expect([reveal(short, 0, 5), reveal(short, 0, 9), reveal(short, 50, 20), reveal(short, 0, 99)]).toEqual([0, 3, 17, 90])
  })
})

describe('the texts of picked lines', () => {
  const log = new LogLines()
  log.put(columns(3, 2, 9))

  it('are read where they are not here', async () => {
    const asked: [number, number][] = []
    const read = (first: number, count: number) => {
      asked.push([first, count])
      return Promise.resolve(columns(first, Math.min(2, count), 9, (number) => `read ${number}`))
    }
    expect(await textsOf(log, { first: 1, last: 7 }, read)).toEqual(['read 1', 'read 2', 'line 3', 'line 4', 'read 5', 'read 6', 'read 7'])
    expect(asked).toEqual([[1, 7], [5, 3], [7, 1]])
  })

  it('are never left out in silence', async () => {
    await expect(textsOf(log, { first: 3, last: 5 }, () => Promise.resolve(columns(5, 0, 9)))).rejects.toThrow('line 5 is not there')
    await expect(textsOf(log, { first: 3, last: 5 }, () => Promise.reject(new Error('cut')))).rejects.toThrow('cut')
  })
})
