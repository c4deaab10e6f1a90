/** The line of this tab: what pages follow, one stream for all of it. */

import { onScopeDispose, shallowRef, toValue, watch, type MaybeRefOrGetter } from 'vue'
import { api, ask, base, headers } from '@/api/client'
import { Line, type LineStatus, type Polled, type Told } from './line'

export type { Told } from './line'

/** A tab that is hidden for so long closes its stream: a browser gives an origin six connections. */
const HIDDEN_MS = 20_000

export const lineStatus = shallowRef<LineStatus>({ state: 'off', heardAt: 0 })

const line = new Line(
  {
    stream: (topics, after, signal) => {
      const query = new URLSearchParams(after === '' ? { topics } : { topics, after })
      return fetch(`${base}api/v1/stream?${query.toString()}`, { headers: { ...headers(), accept: 'text/event-stream' }, signal, cache: 'no-store' })
    },
    poll: async (topics, after, signal) =>
      (await ask(api.GET('/api/v1/stream/poll', { params: { query: { topics, after } }, signal }))) as unknown as Polled,
    // The client's own answer to 401 is that of any request: the way to sign in.
    ended: () => void ask(api.GET('/api/v1/session')).catch(() => undefined),
  },
  (status) => (lineStatus.value = status),
)

let timer = 0
globalThis.document?.addEventListener('visibilitychange', () => {
  clearTimeout(timer)
  if (document.hidden) timer = window.setTimeout(() => line.show(false), HIDDEN_MS)
  else line.show(true)
})

export interface Hearer {
  told(told: Told): void
  /** Something is missing: read anew. Without it, what is missed is missed. */
  anew?(): void
  gone?(): void
}

/**
 * Follow a topic as long as the calling component lives.
 *
 * @param topic - Undefined for none yet.
 * @param after - The cursor of what is known already, undefined while that is not there; '' for who reads anew once the tab's first stream is open.
 */
export function useStream(topic: MaybeRefOrGetter<string | undefined>, after: MaybeRefOrGetter<string | undefined>, hearer: Hearer): void {
  let leave = () => {}
  watch([() => toValue(topic), () => toValue(after) !== undefined], ([name, isReady]) => {
    leave()
    leave = () => {}
    if (name === undefined || !isReady) return
    leave = line.listen({
      topic: name,
      after: toValue(after) ?? '',
      told: (told) => hearer.told(told),
      anew: () => hearer.anew?.(),
      gone: () => hearer.gone?.(),
    })
  }, { immediate: true })
  onScopeDispose(() => leave())
}
