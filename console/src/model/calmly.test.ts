import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { calmly, oneAtATime } from './calmly'

describe('calm work', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('is done once for all who ask within a pause', () => {
    let done = 0
    const work = calmly(() => (done += 1), 100)
    for (let turn = 0; turn < 50; turn += 1) work.soon()
    vi.advanceTimersByTime(99)
    expect(done).toBe(0)
    vi.advanceTimersByTime(1)
    expect(done).toBe(1)
    vi.advanceTimersByTime(1_000)
    expect(done).toBe(1)
  })

  it('is done again for who asks while it is done', () => {
    let done = 0
    const work = calmly(() => {
      done += 1
      if (done < 3) work.soon()
    }, 100)
    work.soon()
    vi.advanceTimersByTime(1_000)
    expect(done).toBe(3)
  })

  it('is not done after it was stopped', () => {
    let done = 0
    const work = calmly(() => (done += 1), 100)
    work.soon()
    work.stop()
    vi.advanceTimersByTime(1_000)
    expect(done).toBe(0)
  })
})

describe('work of which one is under way at most', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Work that takes 400 ms, with the moments at which it was begun. */
  function slow() {
    const begun: number[] = []
    const begin = Date.now()
    return { begun, ask: oneAtATime(() => new Promise<void>((resolve) => {
      begun.push(Date.now() - begin)
      setTimeout(resolve, 400)
    })) }
  }

  it('comes to its end however often it is asked for, and is done once more for all who asked meanwhile', async () => {
    const { begun, ask } = slow()
    for (let turn = 0; turn < 4; turn += 1) {
      void ask()
      await vi.advanceTimersByTimeAsync(50)
    }
    await vi.advanceTimersByTimeAsync(5_000)
    expect(begun).toEqual([0, 400])
    void ask()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(begun).toHaveLength(3)
  })

  it('can be asked for again after it has failed', async () => {
    let tries = 0
    const ask = oneAtATime(() => {
      tries += 1
      if (tries === 1) throw new Error('no answer')
    })
    await expect(ask()).rejects.toThrow('no answer')
    await ask()
    expect(tries).toBe(2)
  })
})
