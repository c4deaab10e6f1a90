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

function files(directory: string): [place: string, text: string][] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && /\.(vue|ts)$/.test(one.name) && !/\.test\.ts$/.test(one.name))
    .map((one) => [`${one.parentPath}/${one.name}`, readFileSync(`${one.parentPath}/${one.name}`, 'utf8')])
}

const sources = (directory: string) => files(directory).map(([, text]) => text)

/** What any page may say; the rest belongs to one subject. */
const SHARED = ['app', 'common', 'code', 'diff', 'live', 'secret', 'status', 'ui']
/** The subjects of folders that are not called like their only one. */
const SUBJECTS: Readonly<Record<string, readonly string[]>> = {
  'api-clients': ['apiclients'], 'rule-hits': ['hits'], run: ['quick'], publicscripts: ['scripts'], runs: ['runview', 'logs', 'outputs', 'why', 'hostFiles'],
  'platform/agents': ['agents'], 'platform/allow-list': ['allowlist'], 'platform/analytics': ['analytics'], 'platform/rules': ['rules'], 'platform/settings': ['settings'], 'platform/system': ['system'], 'platform/users': ['users'],
  platform: ['rules', 'allowlist', 'agents', 'users', 'settings', 'system', 'analytics'],
}

/** Return which texts the pages of a folder take from another subject. */
function borrowed(folder: string, text: string): string[] {
  const own = SUBJECTS[folder] ?? [folder]
  const named = [...text.matchAll(/\b(?:t|say)\(\s*(?:[^()'`]*\? *)?['`](\w+)\.|(?:label|title): '(\w+)\./g)].map((found) => found[1] ?? found[2] ?? '')
  return named.filter((subject) => subject in en && !own.includes(subject) && !SHARED.includes(subject)).map((subject) => `${folder} takes from ${subject}`)
}

function folderOf(place: string): string {
  const parts = place.split('/pages/')[1]?.split('/') ?? []
  return parts[0] === 'platform' && parts.length > 2 ? `platform/${parts[1]}` : (parts[0] ?? '')
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

  it('are not borrowed by the pages of other subjects', () => {
    const pages = files(fileURLToPath(new URL('../pages', import.meta.url)))
    expect(pages.length).toBeGreaterThan(150)
    expect(pages.flatMap(([place, text]) => borrowed(folderOf(place), text))).toEqual([])
    expect(borrowed('schedules', "t('jobs.leave')")).toEqual(['schedules takes from jobs'])
  })

  it('have a text for every key that the code names', () => {
    const code = sources(fileURLToPath(new URL('..', import.meta.url)))
    const named = code.flatMap((text) => [...text.matchAll(/\b(?:t|say)\(\s*'([\w.-]+)'/g)].map((found) => found[1] ?? ''))
    expect([...new Set(named)].filter((key) => !english.has(key)).sort()).toEqual([])
  })
})
