/** Doing something to a run: asked first, sent with the version that was looked at, and told when the run had moved on meanwhile. */

import { inject, provide, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, ApiError, ask } from '@/api/client'
import { useScope } from '@/app/scope'
import { operate, tellRefusal } from '@/live/operate'
import type { RunAction } from '@/live/run'
import { sameKey } from '@/model/sameKey'
import { toast, toastError } from '@/ui/toast'
import type { RunPage } from './page'

export interface RunActions {
  /** What is asked about now. */
  readonly asked: ShallowRef<RunAction | undefined>
  /** The tasks of the hosts that were chosen for it; none for all that it is offered for. */
  readonly chosen: ShallowRef<readonly number[]>
  readonly reason: Ref<string>
  readonly busy: Ref<boolean>
  /** Whether a reason was asked for before, so that it is not asked for again. */
  readonly said: Ref<boolean>
  /** Ask before doing; a reason given beforehand, even an empty one, goes with it. */
  ask(action: RunAction, reason?: string): void
  /** Ask before doing it to some hosts only. */
  askFor(action: RunAction, taskIds: readonly number[]): void
  cancel(): void
  confirm(): Promise<void>
  /** Run the whole of it once more, as a run of its own. */
  redo(): Promise<void>
}

const KEY: InjectionKey<RunActions> = Symbol('actions of a run')

export function provideRunActions(page: RunPage): RunActions {
  const { t, n } = useI18n()
  const router = useRouter()
  const scope = useScope()
  const [asked, chosen, reason, said, busy] = [shallowRef<RunAction>(), shallowRef<readonly number[]>([]), ref(''), ref(false), ref(false)]
  // What one decided on is what was shown when the question was put, whatever the page has heard since.
  let version = ''
  const again = sameKey()

  async function confirm(): Promise<void> {
    const action = asked.value
    if (!action || busy.value) return
    busy.value = true
    try {
      await operate(page.jobId.value, action, { version, reason: reason.value, taskIds: chosen.value })
      toast(chosen.value.length ? t('runview.retry.done', { count: n(chosen.value.length) }, chosen.value.length) : t(`runview.done.${action.name}`), 'ok')
    } catch (error) {
      tellRefusal(error)
    } finally {
      busy.value = false
      asked.value = undefined
      await page.source.refetch()
    }
  }

  function put(action: RunAction, why: string | undefined, taskIds: readonly number[]): void {
    reason.value = why ?? ''
    said.value = why !== undefined
    chosen.value = taskIds
    version = page.run.value?.version ?? ''
    asked.value = action
  }

  async function redo(): Promise<void> {
    if (busy.value) return
    busy.value = true
    const job_id = page.jobId.value
    try {
      const started = await ask(api.POST('/api/v1/jobs/{job_id}/redo', { params: { path: { job_id } }, body: {}, headers: { 'Idempotency-Key': again.of(job_id) } }))
      again.done()
      await router.push(`${scope.value.path}/runs/${started.job_id}`)
    } catch (error) {
      if (error instanceof ApiError) again.refused(error.status)
      toastError(error)
    } finally {
      busy.value = false
    }
  }

  const actions: RunActions = {
    asked, chosen, reason, said, busy, confirm, redo,
    ask: (action, why) => put(action, why, []),
    askFor: (action, taskIds) => put(action, undefined, taskIds),
    cancel: () => (asked.value = undefined),
  }
  provide(KEY, actions)
  return actions
}

export function useRunActions(): RunActions {
  const actions = inject(KEY)
  if (!actions) throw new Error('no actions above')
  return actions
}
