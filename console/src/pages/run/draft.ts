/** The draft of a form: kept on the server while somebody types, found again by the address. */

import { onScopeDispose, ref, watch, type Ref } from 'vue'
import { api, ApiError, ask } from '@/api/client'
import type { components } from '@/api/schema'

type Body = components['schemas']['NewDraft']
type Kind = Body['kind']
export type DraftState = '' | 'saving' | 'saved' | 'failed'

const PAUSE_MS = 1200

export interface Draft {
  readonly state: Ref<DraftState>
  readonly savedAt: Ref<number | undefined>
  /** Return the content of a draft, which is saved to from now on. */
  load(id: number): Promise<Readonly<Record<string, unknown>>>
  /** Save what has not been saved yet. */
  flush(): Promise<void>
  /** Save what is here and let go of it: what comes next is another draft. */
  leave(): Promise<void>
  /** Its page begins to be left: save what is here, and tell when that is over; the address is another page's from now on. */
  part(): Promise<void>
  /** Its page is not left after all. */
  stay(): void
  /** Forget it on the server. */
  drop(): Promise<void>
  /** Let changes count from now on. */
  begin(): void
  /** Tell whether something is here that the server has not got. */
  isAhead(): boolean
  /** Tell whether the server did not take what it was last given. */
  isRefused(): boolean
}

export interface DraftOf {
  readonly kind: Kind
  readonly scope: Ref<string>
  /** What is kept; it is saved when it changes. */
  readonly content: Ref<Record<string, unknown>>
  readonly title: () => string
  /** A draft has got its id. */
  onMade(id: number): void
}

/** Write a draft, a new one without an id, and return what it became. */
type Keep = (id: number | undefined, body: Body) => Promise<{ readonly id: number; readonly modified_at: number }>

const onServer: Keep = (id, body) => (id === undefined ? ask(api.POST('/api/v1/drafts', { body })) : ask(api.POST('/api/v1/drafts/{draft_id}', { params: { path: { draft_id: id } }, body })))

/** Keep a form as a draft of its user, as long as the calling page lives. */
export function useDraft(of: DraftOf, keep: Keep = onServer): Draft {
  // A page has one scope; the address that it is told by is another page's already when this one is left.
  const scope = of.scope.value
  const state = ref<DraftState>('')
  const savedAt = ref<number>()
  let id: number | undefined
  let kept = ''
  let begun = false
  let leaving = false
  // Made while its page was left: its address does not have it.
  let unsaid = false
  // Longer than the state: that is «saving» again while it is tried once more.
  let refused = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let saving: Promise<void> = Promise.resolve()

  async function save(): Promise<void> {
    const content = JSON.stringify(of.content.value)
    if (!begun || content === kept) return
    state.value = 'saving'
    const body = { scope, kind: of.kind, title: of.title(), content: JSON.parse(content) as Record<string, never> }
    try {
      const answer = await keep(id, body)
      kept = content
      refused = false
      savedAt.value = answer.modified_at
      state.value = 'saved'
      if (id === undefined) {
        id = answer.id
        unsaid = leaving
        if (!leaving) of.onMade(answer.id)
      }
    } catch (error) {
      // Somebody started or cleared it elsewhere, or newer ones pushed it out: what is here is a draft of its own then.
      if (id !== undefined && error instanceof ApiError && error.status === 404) {
        id = undefined
        return save()
      }
      // The text is still on the page; it says that it is not kept, and the next change tries again.
      refused = true
      state.value = 'failed'
    }
  }

  // One after the other: a draft must not be made twice because the first answer was slow.
  const queue = () => (saving = saving.then(save))
  watch(of.content, () => {
    if (!begun) return
    clearTimeout(timer)
    timer = setTimeout(queue, PAUSE_MS)
  }, { deep: true })
  const part = () => {
    clearTimeout(timer)
    leaving = true
    return queue()
  }
  onScopeDispose(() => void part())

  return {
    state,
    savedAt,
    begin: () => {
      kept = JSON.stringify(of.content.value)
      begun = true
    },
    isAhead: () => begun && JSON.stringify(of.content.value) !== kept,
    isRefused: () => refused,
    load: async (wanted) => {
      const found = await ask(api.GET('/api/v1/drafts/{draft_id}', { params: { path: { draft_id: wanted }, query: { scope } } }))
      id = wanted
      savedAt.value = found.modified_at
      state.value = 'saved'
      return found.content
    },
    flush: async () => {
      clearTimeout(timer)
      await queue()
    },
    leave: async () => {
      clearTimeout(timer)
      leaving = true
      await queue()
      leaving = unsaid = begun = refused = false
      id = undefined
      state.value = ''
      savedAt.value = undefined
    },
    part,
    stay: () => {
      leaving = false
      if (unsaid && id !== undefined) of.onMade(id)
      unsaid = false
    },
    drop: async () => {
      clearTimeout(timer)
      begun = refused = false
      await saving
      const gone = id
      id = undefined
      state.value = ''
      savedAt.value = undefined
      if (gone !== undefined) await ask(api.POST('/api/v1/drafts/{draft_id}/delete', { params: { path: { draft_id: gone } }, body: { scope } as never }))
    },
  }
}
