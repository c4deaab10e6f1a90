import { QueryClient, useInfiniteQuery } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { oneAtATime } from '@/model/calmly'
import { afterOthers } from './fresh'

describe('a list that is read anew', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('lets a page come that somebody has asked for, however often it is told of', async () => {
    const [page, client, key, asked] = [effectScope(), new QueryClient(), ['runs'], [] as number[]]
    const list = page.run(() => useInfiniteQuery({
      queryKey: key,
      queryFn: async ({ pageParam }) => {
        asked.push(pageParam)
        await new Promise((resolve) => setTimeout(resolve, 400))
        return pageParam
      },
      initialPageParam: 1,
      getNextPageParam: (last) => (last < 3 ? last + 1 : undefined),
    }, client))
    if (!list) throw new Error('no list')
    await vi.advanceTimersByTimeAsync(500)
    const read = oneAtATime(afterOthers(client, () => key, list.refetch))
    void list.fetchNextPage()
    for (let turn = 0; turn < 4; turn += 1) {
      await vi.advanceTimersByTimeAsync(150)
      void read()
    }
    expect(list.data.value?.pages).toEqual([1, 2])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(asked).toEqual([1, 2, 1, 2, 1, 2])
    page.stop()
    client.clear()
  })
})
