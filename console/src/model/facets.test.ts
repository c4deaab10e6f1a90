import { describe, expect, test } from 'vitest'
import { type HostColumns, type HostFilter, countFacets, filterHosts, nextFailed, parseSort, sortHosts } from './facets'
import { randomFrom } from './random'

const NO_FILTER: HostFilter = { status: [], tag: [], batch: [], q: '', only: null }

function columns(rows: readonly [status: number, batch?: number, tag?: string, dur?: number][]): HostColumns {
  const tags = ['', ...new Set(rows.map((row) => row[2] ?? '').filter((tag) => tag !== ''))]
  return {
    count: rows.length,
    status: rows.map((row) => row[0]),
    batch: rows.map((row) => row[1] ?? 0),
    durationMs: rows.map((row) => row[3] ?? Number.NaN),
    exitCode: rows.map(() => 0),
    hostId: rows.map((_, index) => 100 + index),
    tag: rows.map((row) => tags.indexOf(row[2] ?? '')),
    tags,
    ip: (index) => `10.0.0.${index + 1}`,
  }
}

const SOME = columns([[9, 1], [104, 1, 'conf-bad', 7], [102, 2, 'Port-busy', 3], [7, 2], [5, 3], [403, 1], [777, 3], [104, 2, 'conf-bad', 5]])

describe('a filter', () => {
  test('is OR inside a facet and AND across facets', () => {
    expect([...filterHosts(SOME, { ...NO_FILTER, status: ['fail', 'run'] })]).toEqual([1, 2, 3, 7])
    expect([...filterHosts(SOME, { ...NO_FILTER, status: ['fail', 'run'], batch: [2, 3] })]).toEqual([2, 3, 7])
    expect([...filterHosts(SOME, { ...NO_FILTER, status: ['104'], tag: ['conf-bad'] })]).toEqual([1, 7])
    expect([...filterHosts(SOME, NO_FILTER)]).toHaveLength(8)
  })

  test('finds text in addresses and tags, and whole host ids', () => {
    expect([...filterHosts(SOME, { ...NO_FILTER, q: '0.0.3' })]).toEqual([2])
    expect([...filterHosts(SOME, { ...NO_FILTER, q: 'port-B' })]).toEqual([2])
    expect([...filterHosts(SOME, { ...NO_FILTER, q: '104' })]).toEqual([4])
    expect([...filterHosts(SOME, { ...NO_FILTER, only: new Set([0, 7]) })]).toEqual([0, 7])
  })

  test('a chip counts what one would see after choosing it', () => {
    const counts = countFacets(SOME, { ...NO_FILTER, status: ['fail'], batch: [1, 2] })
    expect(Object.fromEntries(counts.tokens)).toEqual({ ok: 1, fail: 3, run: 1, term: 1 })
    expect(Object.fromEntries(counts.tags)).toEqual({ 'conf-bad': 2, 'Port-busy': 1 })
    expect(counts.all).toBe(6)
    expect(countFacets(SOME, { ...NO_FILTER, tag: ['conf-bad'] }).all).toBe(2)
  })

  test('choosing a chip gives its count, for any hosts and filters', () => {
    const random = randomFrom(5)
    const [codes, tags] = [[9, 104, 102, 7, 5, 403, 777, 310], ['', 'a', 'b']]
    for (let round = 0; round < 100; round += 1) {
      const hosts = columns(Array.from({ length: 80 }, () => [codes[random(8)] as number, random(4), tags[random(3)] as string]))
      const filter = { ...NO_FILTER, batch: random(2) === 0 ? [1, 2] : [], tag: random(2) === 0 ? ['a'] : [], status: random(2) === 0 ? ['run'] : [] }
      const counts = countFacets(hosts, filter)
      for (const [token, count] of counts.tokens) expect(filterHosts(hosts, { ...filter, status: [token] })).toHaveLength(count)
      for (const [code, count] of counts.codes) expect(filterHosts(hosts, { ...filter, status: [`${code}`] })).toHaveLength(count)
      for (const [tag, count] of counts.tags) expect(filterHosts(hosts, { ...filter, tag: [tag] })).toHaveLength(count)
    }
  })
})

describe('an order', () => {
  const sorted = (text: string) => [...sortHosts(filterHosts(SOME, NO_FILTER), SOME, parseSort(text))]

  test('by status is worst first', () => expect(sorted('status')).toEqual([1, 2, 7, 6, 5, 3, 4, 0]))
  test('by time, what has none last', () => expect(sorted('-dur').slice(0, 3)).toEqual([1, 7, 2]))
  test('that nobody knows is that of the hosts', () => expect(sorted('nonsense')).toEqual([0, 1, 2, 3, 4, 5, 6, 7]))
  test('by address counts as people do', () => {
    const many = columns(Array.from({ length: 12 }, () => [9]))
    expect([...sortHosts(filterHosts(many, NO_FILTER), many, parseSort('ip'))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
  })

  test('next failed goes round both ways and says when there is none', () => {
    const order = filterHosts(SOME, NO_FILTER)
    expect([nextFailed(order, SOME, 0, 1), nextFailed(order, SOME, 7, 1), nextFailed(order, SOME, 0, -1), nextFailed(order, SOME, -1, 1)]).toEqual([1, 1, 7, 1])
    expect(nextFailed(filterHosts(SOME, { ...NO_FILTER, status: ['ok'] }), SOME, 0, 1)).toBe(-1)
    expect(nextFailed([], SOME, 0, 1)).toBe(-1)
  })
})

test('hosts are ordered by the place of what they printed, those in no group last', () => {
  const hosts = columns([[9], [104], [9], [9]])
  expect([...sortHosts(Uint32Array.of(0, 1, 2, 3), hosts, parseSort('out'), [1, 0, 2, 1])]).toEqual([1, 0, 3, 2])
  expect([...sortHosts(Uint32Array.of(0, 1, 2, 3), hosts, parseSort('-out'), [1, 0, 2, 1])]).toEqual([2, 0, 3, 1])
})
