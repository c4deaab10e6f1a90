import { describe, expect, test } from 'vitest'
import en from '../i18n/en/status'
import zh from '../i18n/zh/status'
import { OUTLINES } from './glyphs'
import { HOST_TOKENS, RUN_TOKENS, WORST_FIRST, hostFace, hostKind, isOpen, isRunOpen, runFace, severity } from './status'

const RUN_CODES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15]
const HOST_CODES = [
  0, 1, 2, 3, 5, 7, 9, 11, 12, 13, 15, 16, 17, 18, 101, 102, 103, 104, 202, 203, 301, 303, 310, 311, 312, 320, 321, 329, 399, 403, 404,
  500,
]

function word(catalog: unknown, key: string): unknown {
  return key
    .split('.')
    .slice(1)
    .reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], catalog)
}

describe('statuses', () => {
  test('every code of the contract has a face and nothing else has', () => {
    expect(Object.keys(RUN_TOKENS).map(Number)).toEqual(RUN_CODES)
    expect(Object.keys(HOST_TOKENS).map(Number)).toEqual(HOST_CODES)
  })

  test('every face has a word in both languages and an outline', () => {
    for (const face of [...RUN_CODES.map(runFace), ...HOST_CODES.map(hostFace), runFace(12)]) {
      expect(word(en, face.key), face.key).toEqual(expect.any(String))
      expect(word(zh, face.key), face.key).toEqual(expect.any(String))
      expect(OUTLINES[face.glyph]).toMatch(/^M/)
    }
  })

  test('a code that nobody knows is neutral and keeps its number', () => {
    for (const face of [runFace(12), hostFace(777)]) expect(face).toMatchObject({ key: 'status.unknown', token: 'none' })
    expect(hostFace(777).code).toBe(777)
    expect(WORST_FIRST[hostKind(777)]).toBe('none')
  })

  test('failed is worst, succeeded is best', () => {
    expect(severity('fail')).toBeGreaterThan(severity('run'))
    expect(Math.min(...WORST_FIRST.map(severity))).toBe(severity('ok'))
  })

  test('open is what still changes', () => {
    expect(HOST_CODES.filter(isOpen)).toEqual([5, 7])
    expect(RUN_CODES.filter(isRunOpen)).toEqual([1, 2, 7, 10, 15])
  })
})
