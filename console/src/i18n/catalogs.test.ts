import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { baseCompile } from '@intlify/message-compiler'
import { describe, expect, it } from 'vitest'
import en from './en'
import type { Catalog } from './gathered'
import zh from './zh'

function flat(catalog: Catalog, above = ''): Map<string, string> {
  return new Map(Object.entries(catalog).flatMap(([key, value]) => (
    typeof value === 'string' ? [[above + key, value] as const] : [...flat(value, `${above}${key}.`)]
  )))
}

const english = flat(en)
const chinese = flat(zh)
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort().filter((one, at, all) => one !== all[at - 1])

function sources(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && /\.(vue|ts)$/.test(one.name) && !/\.test\.ts$/.test(one.name))
    .map((one) => readFileSync(`${one.parentPath}/${one.name}`, 'utf8'))
}

describe('the catalogs', () => {
  it('have the same keys', () => expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort()))

  it('have no empty text', () => {
    expect([...english, ...chinese].filter(([, text]) => !text.trim()).map(([key]) => key)).toEqual([])
  })

  it('have the same values in their texts', () => {
    const differ = [...english].filter(([key, text]) => String(holes(text)) !== String(holes(chinese.get(key) ?? '')))
    expect(differ.map(([key]) => key)).toEqual([])
  })

  it('can be compiled', () => {
    const wrong: string[] = []
    for (const [key, text] of [...english, ...chinese]) baseCompile(text, { jit: true, onError: () => wrong.push(key) })
    expect(wrong).toEqual([])
  })

  it('have a text for every key that the code names', () => {
    const code = sources(fileURLToPath(new URL('..', import.meta.url)))
    const named = code.flatMap((text) => [...text.matchAll(/\b(?:t|say)\(\s*'([\w.-]+)'/g)].map((found) => found[1] ?? ''))
    expect([...new Set(named)].filter((key) => !english.has(key)).sort()).toEqual([])
  })
})
