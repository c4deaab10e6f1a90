/** Doing something to a run: asked first, sent with the version that was looked at, and told when the run had moved on meanwhile. */

import { inject, provide, ref, shallowRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, ask } from '@/api/client'
import { useScope } from '@/app/scope'
import { operate, tellRefusal } from '@/live/operate'
import type { RunAction } from '@/live/run'
import { toast, toastError } from '@/ui/toast'
import type { RunPage } from './page'

export interface RunActions {
  /** What is asked about now. */
  readonly asked: ShallowRef<RunAction | undefined>
  readonly reason: Ref<string>
  readonly busy: Ref<boolean>
  /** Whether a reason was asked for before, so that it is not asked for again. */
  readonly said: Ref<boolean>
  /** Ask before doing; a reason given beforehand, even an empty one, goes with it. */
  ask(action: RunAction, reason?: string): void
  cancel(): void
  confirm(): Promise<void>
  /** Run the whole of it once more, as a run of its own. */
  redo(): Promise<void>
}

const KEY: InjectionKey<RunActions> = Symbol('actions of a run')

export function provideRunActions(page: RunPage): RunActions {
  const { t } = useI18n()
  const router = useRouter()
  const scope = useScope()
  const [asked, reason, said, busy] = [shallowRef<RunAction>(), ref(''), ref(false), ref(false)]
  // What one decided on is what was shown when the question was put, whatever the page has heard since.
  let version = ''

  async function confirm(): Promise<void> {
    const action = asked.value
    if (!action || busy.value) return
    busy.value = true
    try {
      await operate(page.jobId.value, action, { version, reason: reason.value })
      toast(t(`runview.done.${action.name}`), 'ok')
    } catch (error) {
      tellRefusal(error)
    } finally {
      busy.value = false
      asked.value = undefined
      await page.source.refetch()
    }
  }

  async function redo(): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      const started = await ask(api.POST('/api/v1/jobs/{job_id}/redo', { params: { path: { job_id: page.jobId.value } }, body: {} }))
      await router.push(`${scope.value.path}/runs/${started.job_id}`)
    } catch (error) {
      toastError(error)
    } finally {
      busy.value = false
    }
  }

  const actions: RunActions = {
    asked, reason, said, busy, confirm, redo,
    ask(action, why) {
      reason.value = why ?? ''
      said.value = why !== undefined
      version = page.run.value?.version ?? ''
      asked.value = action
    },
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
