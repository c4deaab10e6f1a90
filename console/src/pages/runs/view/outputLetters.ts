/** The letter of each host's group of outputs. */

import { computed, type ComputedRef } from 'vue'
import type { StepHosts } from '@/live/hosts'
import type { Outputs } from '../panes/outputData'

export interface OutputLetters {
  /** By the index of a host: its letter, '' while it is in no group that is known. */
  readonly letters: readonly string[]
  /** By the index of a host: the place of its group, outliers first; behind all groups without one. */
  readonly places: ArrayLike<number>
}

const NONE: OutputLetters = { letters: [], places: [] }

/** Return letters by host of what is grouped; nothing while the members of the groups are not known. */
export function useLetters(hosts: StepHosts, outputs: () => Outputs | undefined): ComputedRef<OutputLetters> {
  return computed(() => {
    const found = outputs()
    if (!found?.members) return NONE
    void hosts.version.value
    const [letters, places] = [Array.from({ length: hosts.count }, () => ''), new Uint16Array(hosts.count).fill(found.groups.length)]
    for (const [at, task] of found.members.task_id.entries()) {
      const [index, place] = [hosts.indexOfTask(task), found.members.group[at] as number]
      if (index < 0) continue
      // More groups than are listed: then there is no letter to say.
      letters[index] = found.groups[place]?.letter ?? '…'
      places[index] = place
    }
    return { letters, places }
  })
}
