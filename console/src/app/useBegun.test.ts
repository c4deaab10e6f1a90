import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useBegun } from './useBegun'

const known = (id: number, at: number) => ({ id, at })

/** Open a form on something that is known; `told` is what the form shows after each step, and whether that is old. */
async function follow(steps: (now: { value: { id: number; at: number } | undefined }, held: ReturnType<typeof useBegun>) => readonly (() => unknown)[]) {
  const now = ref<{ id: number; at: number }>()
  const held = effectScope().run(() => useBegun(() => now.value, (one) => one.at)) as ReturnType<typeof useBegun<{ id: number; at: number }>>
  const told: unknown[] = []
  for (const step of steps(now, held as never)) {
    step()
    await nextTick()
    told.push([held.begun.value?.id, held.begun.value?.at, held.isOld.value])
  }
  return told
}

describe('what a form is filled with', () => {
  it('stays what it was when somebody else changes it, until that is taken', async () => {
    const told = await follow((now, held) => [() => (now.value = known(1, 10)), () => (now.value = known(1, 11)), () => held.take()])
    expect(told).toEqual([[1, 10, false], [1, 10, true], [1, 11, false]])
  })

  it('is what the form has kept itself, once that is read', async () => {
    const told = await follow((now, held) => [() => (now.value = known(1, 10)), () => held.done(), () => (now.value = known(1, 10)), () => (now.value = known(1, 11)), () => (now.value = known(1, 12))])
    expect(told).toEqual([[1, 10, false], [1, 10, false], [1, 10, false], [1, 11, false], [1, 11, true]])
  })

  it('is of what is open', async () => {
    const told = await follow((now) => [() => (now.value = known(1, 10)), () => (now.value = known(2, 5)), () => (now.value = undefined), () => (now.value = known(1, 11))])
    expect(told).toEqual([[1, 10, false], [2, 5, false], [undefined, undefined, false], [1, 11, false]])
  })
})
