import { describe, expect, it } from 'vitest'
import { isGonePart, mayReload } from './failing'

describe('a part of the console that is gone', () => {
  it('is known by what browsers say of it', () => {
    const said = ['Failed to fetch dynamically imported module: http://x/assets/a.js', 'error loading dynamically imported module', 'Importing a module script failed.', 'Unable to preload CSS for /assets/a.css']
    expect(said.map((text) => isGonePart(new TypeError(text)))).toEqual([true, true, true, true])
    expect([isGonePart(new TypeError('Failed to fetch')), isGonePart('x')]).toEqual([false, false])
  })

  it('has the console loaded anew once a minute at most', () => {
    const kept = new Map<string, string>()
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) }
    expect([100_000, 130_000, 159_999, 160_000].map((now) => mayReload(storage, now))).toEqual([true, false, false, true])
  })
})
