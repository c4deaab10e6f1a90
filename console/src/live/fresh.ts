/** Lists that are read anew when the stream tells of them, and now and then only while there is no stream. */

import type { QueryClient, QueryKey } from '@tanstack/vue-query'
import { computed, onScopeDispose, watch, type ComputedRef } from 'vue'
import { calmly, oneAtATime, type Calm } from '@/model/calmly'
import { lineStatus, useStream } from './stream'

/** Much may happen at once: what is asked for again is asked for at most so often. */
const PAUSE_MS = 1_000

/** Return reading that is done at most so often, and again only when its answer is here: asking anew throws away what is on its way, so that where news come faster than answers none would ever arrive. */
function calmRead(refetch: () => unknown, pauseMs: number): Calm {
  const read = oneAtATime(refetch)
  return calmly(() => void read(), pauseMs)
}

/** Return what asks a query anew and lets come what somebody else has asked of it (another page): as that may be older than the news, it asks once more after it. */
export function afterOthers(client: QueryClient, key: () => QueryKey, refetch: (how: { cancelRefetch: boolean }) => Promise<unknown>): () => Promise<void> {
  return async () => {
    if (client.isFetching({ queryKey: key(), exact: true }) > 0) await refetch({ cancelRefetch: false })
    await refetch({ cancelRefetch: false })
  }
}

/** How often to ask as long as no stream tells: for `refetchInterval`. */
export function whileAway(everyMs: number): ComputedRef<number | false> {
  return computed(() => (lineStatus.value.state === 'live' ? false : everyMs))
}

/**
 * Read anew whenever the stream tells of something, as long as the calling component lives.
 *
 * @param scope - The scope of which these kinds of thing are followed; undefined for none yet.
 */
export function useFresh(kinds: readonly ScopeTopic[], scope: () => string | undefined, refetch: () => unknown, pauseMs = PAUSE_MS): void {
  for (const kind of kinds) useFreshOf(() => (scope() ? `${kind}:${scope()}` : undefined), refetch, pauseMs)
}

/** Read anew whenever the stream tells of one topic (undefined for none yet), as long as the calling component lives. */
export function useFreshOf(topic: () => string | undefined, refetch: () => unknown, pauseMs = PAUSE_MS): void {
  const work = calmRead(refetch, pauseMs)
  onScopeDispose(work.stop)
  useStream(topic, '', { told: work.soon, anew: work.soon })
}

/** Read anew when something that is kept up to date has changed, as long as the calling component lives. */
export function useFreshBy(changed: () => unknown, refetch: () => unknown, pauseMs = PAUSE_MS): void {
  const work = calmRead(refetch, pauseMs)
  onScopeDispose(work.stop)
  watch(changed, work.soon)
}

export type ScopeTopic = 'runs' | 'inbox' | 'schedules' | 'agents'
