import { describe, expect, it } from 'vitest'
import { diffLines, diffTexts, folded, linesOf, sideBySide, wordPieces } from './diff'
import { randomFrom } from './random'

const kinds = (left: string, right: string) => diffTexts(left, right).rows.map((row) => ({ same: ' ', gone: '-', new: '+' })[row.kind] + row.text)

describe('two texts', () => {
  it('differ by the fewest lines', () => {
    expect(kinds('a\nb\nc\na\nb\nb\na\n', 'c\nb\na\nb\na\nc\n').filter((row) => !row.startsWith(' '))).toHaveLength(5)
    expect(kinds('one\ntwo\nthree', 'one\n2\nthree\nfour')).toEqual([' one', '-two', '+2', ' three', '+four'])
    expect(kinds('', 'a\n')).toEqual(['+a'])
    expect(kinds('same\r\n', 'same\n')).toEqual([' same'])
  })

  it('are both there in the rows, with their numbers, and never differ more than they must', () => {
    const random = randomFrom(3)
    for (let round = 0; round < 400; round += 1) {
      const side = () => Array.from({ length: random(12) }, () => 'abc'[random(3)] as string)
      const [left, right] = [side(), side()]
      const { rows, gone, added, isExact } = diffLines(left, right)
      expect(rows.filter((row) => row.kind !== 'new').map((row) => row.text)).toEqual(left)
      expect(rows.filter((row) => row.kind !== 'gone').map((row) => row.text)).toEqual(right)
      expect(rows.filter((row) => row.left > 0).map((row) => row.left)).toEqual(left.map((_, index) => index + 1))
      expect(rows.filter((row) => row.right > 0).map((row) => row.right)).toEqual(right.map((_, index) => index + 1))
      expect(isExact).toBe(true)
      expect(rows.length - gone - added).toBe(longestCommon(left, right))
    }
  })

  it('are said to be different where they have too little in common', () => {
    const left = Array.from({ length: 3000 }, (_, index) => `left ${index}`)
    const right = [...Array.from({ length: 3000 }, (_, index) => `right ${index}`)]
    const { rows, isExact } = diffLines(['head', ...left, 'tail'], ['head', ...right, 'tail'])
    expect([isExact, rows.length, rows[0]?.kind, rows.at(-1)?.kind]).toEqual([false, 6002, 'same', 'same'])
  })
})

function longestCommon(a: string[], b: string[]): number {
  const row = new Array<number>(b.length + 1).fill(0)
  for (const x of a) {
    let before = 0
    b.forEach((y, index) => {
      const above = row[index + 1] as number
      row[index + 1] = x === y ? before + 1 : Math.max(above, row[index] as number)
      before = above
    })
  }
  return row[b.length] as number
}

describe('what is shown', () => {
  const rows = diffTexts(Array.from({ length: 20 }, (_, index) => index).join('\n'), Array.from({ length: 20 }, (_, index) => (index === 10 ? 'ten' : index)).join('\n')).rows

  it('folds what is far from changes', () => {
    const shown = folded(rows, 2)
    expect(shown.map((one) => (one.kind === 'fold' ? `…${one.rows.length}` : one.text))).toEqual(['…8', '8', '9', '10', 'ten', '11', '12', '…7'])
  })

  it('puts lines beside those that came in their place', () => {
    const changed = sideBySide(folded(rows, 0)).filter((one) => 'left' in one)
    expect(changed.map((one) => ('left' in one ? [one.left?.text, one.right?.text] : []))).toEqual([['10', 'ten']])
  })

  it('marks the words that differ', () => {
    const [left, right] = wordPieces('port 80 is busy', 'port 443 is busy')
    expect(left.filter((piece) => piece.changed).map((piece) => piece.text)).toEqual(['80'])
    expect(right.map((piece) => piece.text).join('')).toBe('port 443 is busy')
  })

  it('has no line after the last line end', () => expect(linesOf('a\n\n')).toEqual(['a', '']))
})
