import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { calmly } from './calmly'

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
