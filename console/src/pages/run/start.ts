/** Starting what a form asks for: what stands in the way, what has to be asked first, and the way to the run. */

import { computed, ref, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRouter } from 'vue-router'
import { api, ApiError, ask } from '@/api/client'
import { useScope } from '@/app/scope'
import { sameKey } from '@/model/sameKey'
import type { StartCall } from '@/model/startCode'
import { toastError } from '@/ui/toast'
import { usePatience } from './patience'
import { firstProblem, type Preview } from './preview'

export interface StartOf {
  readonly call: Ref<StartCall>
  readonly missing: Ref<readonly string[]>
  readonly preview: Ref<Preview | undefined>
  /** Whether the preview is about what the form says now. */
  isCurrent(): boolean
  /** The job is there. */
  onStarted(): Promise<void>
}

/** Return what a button that starts needs. */
export function useStart(of: StartOf) {
  const { t, n } = useI18n()
  const router = useRouter()
  const scope = useScope()
  const busy = ref(false)
  const asking = ref(false)
  /** Whether somebody is about to ask for a second person. */
  const second = ref(false)
  const blocks = computed(() => of.preview.value?.steps.some((step) => step.rules.some((rule) => rule.action === 'block')) ?? false)
  const reason = computed(() => {
    if (of.missing.value.length) return t('common.needed', { what: of.missing.value.join(', ') })
    const told = of.preview.value
    if (!told) return t('quick.run.looking')
    if (blocks.value) return t('quick.run.blocked')
    if (told.approval.reasons.length) return t('quick.second.needed')
    if (told.startable) return undefined
    return firstProblem(told) ?? t('quick.run.refused')
  })
  /** What the button says where nobody starts it alone and somebody else may let it; undefined where one may. */
  const askVerb = computed(() => (of.preview.value?.approval.possible ? t('quick.second.ask') : undefined))
  const dangers = computed(() => of.preview.value?.steps.flatMap((step) => step.dangers) ?? [])
  const level = computed(() => of.preview.value?.blast.level ?? 'low')
  const count = computed(() => of.preview.value?.hosts.total ?? 0)
  const verb = computed(() => t('quick.run.on', { count: n(count.value) }, count.value))
  // Another request is another job.
  const key = sameKey()

  // Who presses while the server is still being asked gets what they asked for as soon as it is known what it would do.
  const patience = usePatience(of.call, of.isCurrent, press)

  function press(): void {
    if (busy.value || of.missing.value.length) return
    if (!of.isCurrent()) {
      patience.wait()
      return
    }
    if (of.preview.value?.approval.possible) second.value = true
    if (reason.value) return
    // A start that could break much is asked about first; a small and harmless one is not.
    if (level.value !== 'low' || dangers.value.length) asking.value = true
    else void start()
  }

  async function start(): Promise<void> {
    busy.value = true
    const asked = of.call.value
    try {
      const path = asked.path as '/api/v1/jobs/script'
      const started = await ask(api.POST(path, { body: asked.body as never, headers: { 'Idempotency-Key': key.of(asked) } }))
      key.done()
      asking.value = false
      // The job is there, whatever becomes of what the page keeps beside it: told as an error it would be started once more.
      await of.onStarted().catch(() => undefined)
      await router.push(`${scope.value.path}/runs/${started.job_id}`)
    } catch (error) {
      if (error instanceof ApiError) key.refused(error.status)
      asking.value = false
      toastError(error)
    } finally {
      busy.value = false
    }
  }

  return { press, start, busy: computed(() => busy.value || patience.isWaiting.value), asking, second, askVerb, reason, level, count, verb, dangers }
}
