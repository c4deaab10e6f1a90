import { describe, expect, it } from 'vitest'
import { sameKey } from './sameKey'

describe('the key of a start', () => {
  it('stays the same while nobody knows whether the job is there', () => {
    const key = sameKey()
    const first = key.of('run 5')
    expect(first).toMatch(/^[0-9a-f]{32}$/)
    for (const status of [0, 500, 503]) {
      key.refused(status)
      expect(key.of('run 5')).toBe(first)
    }
  })

  it('is another one after an answer, whatever it was', () => {
    const key = sameKey()
    const seen = new Set([key.of('run 5')])
    key.done()
    seen.add(key.of('run 5'))
    key.refused(409)
    seen.add(key.of('run 5'))
    expect(seen.size).toBe(3)
  })

  it('belongs to what is asked for', () => {
    const key = sameKey()
    const first = key.of('run 5')
    expect(key.of('run 6')).not.toBe(first)
    expect(key.of('run 5')).not.toBe(first)
  })
})
