import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, effectScope, nextTick, ref } from 'vue'
import { ApiError } from '@/api/client'
import { useDraft } from './draft'

describe('a draft', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Open a page with a draft; what it keeps is told in `kept`, the ids that it would write into the address in `made`. */
  function open() {
    const [scope, script] = [ref('biz:2'), ref('')]
    const [kept, made]: [unknown[], number[]] = [[], []]
    const keep = (id: number | undefined, body: { scope: string; content: unknown }) => {
      kept.push([id, body.scope, body.content])
      return Promise.resolve({ id: id ?? 12, modified_at: 1 })
    }
    const page = effectScope()
    const draft = page.run(() => useDraft({ kind: 'script', scope, content: computed(() => ({ script: script.value })), title: () => '', onMade: (id) => made.push(id) }, keep))
    draft?.begin()
    return { page, draft, scope, script, kept, made }
  }

  it('is kept a while after the last change, and the address gets its id', async () => {
    const { script, kept, made } = open()
    script.value = 'ls'
    await nextTick()
    await vi.advanceTimersByTimeAsync(5_000)
    script.value = 'ls -l'
    await nextTick()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(kept).toEqual([[undefined, 'biz:2', { script: 'ls' }], [12, 'biz:2', { script: 'ls -l' }]])
    expect(made).toEqual([12])
  })

  it('is kept at once where its page is left, and writes into no other address', async () => {
    const { page, scope, script, kept, made } = open()
    script.value = 'ls'
    await nextTick()
    scope.value = 'biz:3'
    page.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(kept).toEqual([[undefined, 'biz:2', { script: 'ls' }]])
    expect(made).toEqual([])
  })

  it('writes into no address while the next page is still on its way', async () => {
    const { draft, script, kept, made } = open()
    script.value = 'ls'
    await nextTick()
    draft?.part()
    await vi.advanceTimersByTimeAsync(5_000)
    expect([kept.length, made]).toEqual([1, []])
  })

  it('is over with its page only when it was taken or refused, and is in the address of who stays', async () => {
    const script = ref('')
    const made: number[] = []
    const answers: ((is: boolean) => void)[] = []
    const keep = () => new Promise<{ id: number; modified_at: number }>((resolve, reject) => answers.push((is) => (is ? resolve({ id: 12, modified_at: 1 }) : reject(new Error('too large')))))
    const draft = effectScope().run(() => useDraft({ kind: 'script', scope: ref('biz:2'), content: computed(() => ({ script: script.value })), title: () => '', onMade: (id) => made.push(id) }, keep))
    draft?.begin()
    const told: unknown[] = []
    for (const isTaken of [false, true]) {
      script.value += 'ls'
      let isOver = false
      void draft?.part().then(() => (isOver = true))
      await vi.advanceTimersByTimeAsync(1)
      told.push(isOver)
      answers.at(-1)?.(isTaken)
      await vi.advanceTimersByTimeAsync(1)
      told.push(isOver, draft?.isAhead(), [...made])
      draft?.stay()
      told.push([...made])
    }
    draft?.stay()
    expect(told).toEqual([false, true, true, [], [], false, true, false, [], [12]])
    expect(made).toEqual([12])
  })

  it('makes no draft of a page that was only looked at', async () => {
    const { page, kept } = open()
    page.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    expect(kept).toEqual([])
  })

  it('counts as refused until it is taken, also while it is tried once more', async () => {
    const script = ref('')
    const answers: ((is: boolean) => void)[] = []
    const keep = () => new Promise<{ id: number; modified_at: number }>((resolve, reject) => answers.push((is) => (is ? resolve({ id: 12, modified_at: 1 }) : reject(new Error('too large')))))
    const draft = effectScope().run(() => useDraft({ kind: 'script', scope: ref('biz:2'), content: computed(() => ({ script: script.value })), title: () => '', onMade: () => undefined }, keep))
    draft?.begin()
    const told: unknown[] = []
    for (const [text, isTaken] of [['ls', false], ['ls -l', true]] as const) {
      script.value = text
      const saved = draft?.flush()
      await vi.advanceTimersByTimeAsync(0)
      told.push([draft?.state.value, draft?.isRefused()])
      answers.at(-1)?.(isTaken)
      await saved
    }
    expect([...told, draft?.state.value, draft?.isRefused()]).toEqual([['saving', false], ['saving', true], 'saved', false])
  })

  it('is another one when somebody has cleared it elsewhere', async () => {
    const script = ref('')
    const [gone, asked, made]: [Set<number>, unknown[], number[]] = [new Set(), [], []]
    const keep = (id: number | undefined) => {
      asked.push(id)
      if (id !== undefined && gone.has(id)) return Promise.reject(new ApiError({ status: 404, code: 1, message: '', requestId: '' }))
      return Promise.resolve({ id: id ?? 12 + gone.size, modified_at: 1 })
    }
    const draft = effectScope().run(() => useDraft({ kind: 'script', scope: ref('biz:2'), content: computed(() => ({ script: script.value })), title: () => '', onMade: (id) => made.push(id) }, keep))
    draft?.begin()
    script.value = 'ls'
    await draft?.flush()
    gone.add(12)
    script.value = 'ls -l'
    await draft?.flush()
    expect([asked, made, draft?.state.value]).toEqual([[undefined, 12, undefined], [12, 13], 'saved'])
  })
})
