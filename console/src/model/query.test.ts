import { describe, expect, it } from 'vitest'
import { flag, list, maybeWhole, oneOf, readQuery, text, whole, writeQuery } from './query'

const params = {
  q: text(), page: whole(1, 1), host: maybeWhole(), view: oneOf(['grid', 'table'], 'grid'), status: list(), all: flag(),
}

describe('the query codec', () => {
  it('gives fallbacks for what is missing or wrong', () => {
    const read = readQuery(params, { page: '0', host: 'x', view: 'pie' })
    expect(read).toEqual({ q: '', page: 1, host: undefined, view: 'grid', status: [], all: false })
  })

  it('leaves fallbacks out, and what is not ours in', () => {
    const values = { q: '', page: 2, host: 7, view: 'grid' as const, status: [], all: true }
    expect(writeQuery(params, values, { embed: '1', q: 'old' })).toEqual({ embed: '1', page: '2', host: '7', all: '1' })
  })

  it('reads what it wrote, commas in texts included', () => {
    const values = { q: 'a=b&c', page: 3, host: 12, view: 'table' as const, status: ['a,b', 'c'], all: true }
    expect(readQuery(params, writeQuery(params, values))).toEqual(values)
  })

  it('clears a list', () => {
    const values = { ...readQuery(params, { status: 'x' }), status: [] }
    expect(writeQuery(params, values)).toEqual({})
  })
})
