import { afterEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick, ref, shallowRef } from 'vue'
import { usePatience } from './patience'

describe('a press that waits', () => {
  const page = effectScope()
  afterEach(() => vi.restoreAllMocks())

  function pressed() {
    const [wish, known, went] = [shallowRef({ script: 'ls' }), ref(false), vi.fn()]
    const patience = page.run(() => usePatience(wish, () => known.value, went))
    patience?.wait()
    return { wish, known, went, patience }
  }

  it('goes on once, when it is known what it would do', async () => {
    const { wish, known, went, patience } = pressed()
    await nextTick()
    expect([went.mock.calls.length, patience?.isWaiting.value]).toEqual([0, true])
    wish.value = { script: 'ls' }
    known.value = true
    await nextTick()
    expect([went.mock.calls.length, patience?.isWaiting.value]).toEqual([1, false])
    known.value = false
    await nextTick()
    known.value = true
    await nextTick()
    expect(went).toHaveBeenCalledTimes(1)
  })

  it('starts nothing that was written after it', async () => {
    const { wish, known, went, patience } = pressed()
    await nextTick()
    wish.value = { script: 'ls -' }
    await nextTick()
    expect(patience?.isWaiting.value).toBe(false)
    wish.value = { script: 'ls' }
    known.value = true
    await nextTick()
    expect(went).not.toHaveBeenCalled()
  })

  it('starts nothing when another wish is known in the same moment', async () => {
    const { wish, known, went, patience } = pressed()
    wish.value = { script: 'ls -l' }
    known.value = true
    await nextTick()
    expect([went.mock.calls.length, patience?.isWaiting.value]).toEqual([0, false])
  })
})
