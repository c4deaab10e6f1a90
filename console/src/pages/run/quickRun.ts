/** What the quick runs share: a form that begins with what its address names, is kept as a draft, shown as a preview and started. */

import { computed, onMounted, onScopeDispose, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { isNavigationFailure, NavigationFailureType, useRouter } from 'vue-router'
import { useKeys } from '@/app/keys'
import { useScope } from '@/app/scope'
import { list, text, useQuery } from '@/app/useQuery'
import type { Again, Lost } from '@/model/runForms'
import { previewBody } from '@/model/scriptForm'
import type { StartCall } from '@/model/startCode'
import { mayLeave, useLeaveGuard } from '@/ui/leave'
import { useDraft, type DraftOf } from './draft'
import type { Content } from './prefill'
import { usePreview, type PreviewBody } from './preview'
import { useStart } from './start'

// As long as that somebody who goes waits for their draft to be taken.
const PATIENCE_MS = 5_000

export interface QuickRunOf<Form> {
  readonly kind: DraftOf['kind']
  empty(): Form
  /** Return the form that an address asks for. */
  prefilled(draft: Content | undefined, from: string, hosts: readonly string[], scope: string): Promise<Again<Form>>
  /** What a draft keeps of a form: all but its secrets. */
  kept(form: Form): Record<string, unknown>
  title(form: Form): string
  call(form: Form, scope: string): StartCall
  /** Return the parts that are still missing, as in `quick.missing` of the catalogs. */
  missing(form: Form): readonly string[]
}

/** Let a page be a quick run. */
export function useQuickRun<Form extends { targets: string[] }>(of: QuickRunOf<Form>) {
  const { t } = useI18n()
  const scope = useScope()
  const { query, set } = useQuery({ from: text(), hosts: list(), target: text() })
  const form = ref(of.empty()) as Ref<Form>
  const trouble = ref<unknown>()
  const lost = ref<readonly Lost[]>([])
  // What the form was filled from; an address that names something else fills it anew.
  let shown = ''
  const scopeText = computed(() => scope.value.text)

  const draft = useDraft({
    kind: of.kind,
    scope: scopeText,
    content: computed(() => of.kept(form.value)),
    title: () => of.title(form.value),
    onMade: (id) => {
      shown = `draft:${id}`
      set({ from: shown, hosts: [], target: '' })
    },
  })
  const call = computed(() => of.call(form.value, scopeText.value))
  const missing = computed(() => of.missing(form.value).map((part) => t(`quick.missing.${part}`)))
  const body = computed(() => (missing.value.length ? undefined : (previewBody(call.value) as unknown as PreviewBody)))
  const preview = usePreview(body)
  const start = useStart({ call, missing, preview: computed(() => (missing.value.length ? undefined : preview.query.data)), isCurrent: preview.isCurrent, onStarted: draft.drop })

  async function fill(): Promise<void> {
    trouble.value = undefined
    try {
      const { from, hosts, target } = query.value
      shown = from
      const given = from.startsWith('draft:') ? await draft.load(Number(from.slice(6))) : undefined
      const again = await of.prefilled(given, from, target ? [...hosts, target] : hosts, scopeText.value)
      form.value = again.form
      lost.value = again.lost
      draft.begin()
    } catch (error) {
      trouble.value = error
    }
  }

  async function clear(): Promise<void> {
    await draft.drop()
    form.value = of.empty()
    lost.value = []
    shown = ''
    set({ from: '', hosts: [], target: '' })
    draft.begin()
  }

  const isOther = (from: unknown) => (typeof from === 'string' ? from : '') !== shown

  /** Go without the hosts that have no agent now. */
  const leave = () => (form.value.targets = [...new Set([...form.value.targets, '!offline'])])
  // On the way to another page it is saved, unless the server did not take it; a tab that closes saves nothing.
  const isRefused = () => draft.isRefused() && draft.isAhead()
  let isLate = false
  useLeaveGuard(draft.isAhead, { page: () => isRefused() || (isLate && draft.isAhead()) })

  /** Save what is here before it is left, and return whether to go: somebody is asked where it was not taken. */
  async function depart(wasAsked: boolean): Promise<boolean> {
    const kept = draft.part()
    if (wasAsked || !draft.isAhead()) return true
    await Promise.race([kept, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
    if (!draft.isAhead()) return true
    isLate = true
    const may = mayLeave()
    isLate = false
    return may
  }

  const router = useRouter()
  const heard = [
    // Heard after the router's own guard: who was asked, and stays, has not left. A change of the address would call off the way to a page that is still
    // being fetched; another draft in it takes the place of what is here.
    router.beforeEach((to, from) => (to.path !== from.path ? depart(isRefused()) : !isOther(to.query['from']) || depart(false))),
    router.afterEach((_to, _from, failure) => { if (failure && !isNavigationFailure(failure, NavigationFailureType.cancelled)) draft.stay() }),
    router.onError(draft.stay),
  ]
  onScopeDispose(() => heard.forEach((end) => end()))
  onMounted(fill)
  watch(() => query.value.from, async (from) => {
    if (from === shown) return
    shown = from
    await draft.leave()
    await fill()
  })
  useKeys([{ keys: 'Ctrl Enter', label: 'quick.run.verb', run: start.press }])
  return { form, trouble, lost, draft, call, missing, body, preview, start, fill, clear, leave }
}
