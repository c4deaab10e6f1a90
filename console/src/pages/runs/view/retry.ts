/** Retrying some hosts of the step that is looked at: how many of the chosen ones can, why not, and the question before. */

import { computed, type ComputedRef } from 'vue'
import { useI18n } from 'vue-i18n'
import type { RunAction } from '@/live/run'
import { tasksToRetry } from '@/model/retryHosts'
import { useRunActions } from './actions'
import { useHostView } from './hostView'
import { useRunPage } from './page'

export interface HostRetry {
  /** What the server offers for single hosts of the step; undefined where it never does. */
  readonly action: ComputedRef<RunAction | undefined>
  /** The tasks of the hosts, by their indexes, that can run again. */
  tasks(indexes: Iterable<number>): number[]
  /** Why none of so many tasks can run again here, in words. */
  reason(tasks: number): string | undefined
  ask(tasks: readonly number[]): void
}

export function useHostRetry(): HostRetry {
  const { t } = useI18n()
  const { run, step, address } = useRunPage()
  const view = useHostView()
  const actions = useRunActions()
  const action = computed(() => run.value?.actions.find((one) => one.takes_hosts && one.step_id === step.value?.id))
  const isEarlier = computed(() => address.query.value.attempt !== undefined && address.query.value.attempt !== step.value?.attempt)

  function reason(tasks: number): string | undefined {
    if (isEarlier.value) return t('runview.retry.earlier')
    if (!action.value) return t('runview.retry.never')
    if (!action.value.allowed) return action.value.reason_text
    if (tasks > 0) return undefined
    return action.value.of_batch ? t('runview.retry.otherBatch', { number: action.value.of_batch }) : t('runview.retry.none')
  }

  return {
    action,
    reason,
    tasks(indexes) {
      void view.hosts.version.value
      return tasksToRetry(view.hosts, indexes, action.value?.of_batch ?? 0)
    },
    ask(tasks) {
      if (action.value && reason(tasks.length) === undefined) actions.askFor(action.value, tasks)
    },
  }
}
