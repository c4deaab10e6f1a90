import { describe, expect, it } from 'vitest'
import { nextName, pairOf, refusalOf, stateOf } from './scriptVersions'

describe('the states of a version', () => {
  it('say what may become of it', () => {
    expect(refusalOf('publish', 'draft', 0)).toBe('')
    expect(refusalOf('publish', 'online', 0)).toBe('publish.online')
    expect(refusalOf('publish', 'offline', 3)).toBe('')
    expect(refusalOf('disable', 'draft', 0)).toBe('disable.draft')
    expect(refusalOf('edit', 'online', 0)).toBe('edit.online')
    expect(refusalOf('run', 'draft', 0)).toBe('run.draft')
    expect(refusalOf('run', 'disabled', 0)).toBe('run.disabled')
  })

  it('let nothing be deleted that is used', () => {
    expect(refusalOf('delete', 'online', 0)).toBe('')
    expect(refusalOf('delete', 'disabled', 2)).toBe('used')
  })

  it('offer nothing for a word that nobody knows', () => expect(stateOf('frozen')).toBe('disabled'))
})

describe('a pair of versions', () => {
  it('is read from the address', () => {
    expect(pairOf('12...7')).toEqual([12, 7])
    expect(pairOf('12..7')).toBeUndefined()
    expect(pairOf('a...b')).toBeUndefined()
  })
})

describe('the next name', () => {
  it('counts the last number up', () => {
    expect([nextName('1.9'), nextName('v2'), nextName('2024-beta'), nextName('first'), nextName('')]).toEqual(['1.10', 'v3', '2025-beta', 'first.1', '1.0'])
  })
})
