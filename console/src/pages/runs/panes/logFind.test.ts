import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp, effectScope, ref, shallowRef } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { LogLines, NO_HITS, type Hits } from '@/model/logLines'
import { useLogFind, type LogFind } from './logFind'
import type { LinesAnswer } from './logSource'

describe('a search in a log', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Look for something in a log that gets a line at each `print`; the server takes 1.5 s to search it. */
  async function search(address: string) {
    const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: {} }] })
    await router.push(address)
    const [lines, version, state] = [shallowRef(new LogLines()), ref(0), shallowRef<LinesAnswer>()]
    const asked: string[] = []
    const atServer = async (_: unknown, { q }: { q: string }): Promise<Hits> => {
      asked.push(q)
      const found = { ...NO_HITS, matches: lines.value.total }
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      return found
    }
    const page = effectScope()
    const find = createApp({}).use(router).runWithContext(() => page.run(() => useLogFind(shallowRef({ job: 1, step: 2, task: 3 }), { lines, version, state }, atServer))) as LogFind
    const print = () => {
      const number = lines.value.total + 1
      lines.value.put({ number: [number], text: [`line ${number}`], stream: [1], at: [0], cut: [], total_lines: number })
      state.value = { after: number } as LinesAnswer
      version.value += 1
    }
    return { find, asked, print, end: () => page.stop() }
  }

  it('is done again and again while the log keeps printing', async () => {
    const { find, print, end } = await search('/?find=line')
    const seen = new Set<number>()
    for (let line = 1; line <= 12; line += 1) {
      print()
      await vi.advanceTimersByTimeAsync(250)
      seen.add(find.hits.value.matches)
    }
    expect(seen.size).toBeGreaterThanOrEqual(5)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(find.hits.value.matches).toBe(12)
    end()
  })

  it('by the server comes to its end while the log keeps printing, and is done once more for what came meanwhile', async () => {
    const { find, asked, print, end } = await search('/?find=li.e&how=regex')
    const seen = new Set<number>()
    for (let line = 1; line <= 20; line += 1) {
      print()
      await vi.advanceTimersByTimeAsync(250)
      seen.add(find.hits.value.matches)
    }
    expect(seen.size).toBe(3)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(find.hits.value.matches).toBe(20)
    expect(asked).toHaveLength(3)
    end()
  })

  it('shows nothing that was found for what was looked for before', async () => {
    const { find, print, end } = await search('/?find=li.e&how=regex')
    print()
    await vi.advanceTimersByTimeAsync(1_400)
    find.text.value = 'other'
    await vi.advanceTimersByTimeAsync(100)
    expect([find.text.value, find.isNew.value, find.hits.value.matches]).toEqual(['other', true, 0])
    await vi.advanceTimersByTimeAsync(10_000)
    expect([find.isNew.value, find.hits.value.matches]).toEqual([false, 1])
    end()
  })
})
