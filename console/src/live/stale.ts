/** Whether what pages show is of now. */

import { computed, type ComputedRef } from 'vue'
import { now } from '@/ui/clock'
import { lineStatus } from './stream'

/** A stream that is opened anew at once is no news. */
const PATIENCE_MS = 3_000

/** When the last news came (epoch ms) while the stream is cut for longer than a moment; null while all is well. */
export const staleSince: ComputedRef<number | null> = computed(() => {
  const { state, heardAt } = lineStatus.value
  const isCut = state === 'paused' && heardAt > 0 && now.value - heardAt > PATIENCE_MS
  return isCut ? heardAt : null
})
