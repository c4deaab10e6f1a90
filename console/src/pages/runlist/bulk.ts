/** Doing something to one run of the list, or to several that were picked: asked once, sent one by one. */

import { computed, ref, shallowRef, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { operate, tellRefusal } from '@/live/operate'
import { blastOf, isDangerous, primaryOf } from '@/model/runActions'
import { toast } from '@/ui/toast'
import type { RunLine } from './list'

export interface Chosen {
  readonly run: RunLine
  readonly action: RunLine['actions'][number]
}

/** Return what the page of a list needs to act on its rows; what was picked on other pages stays picked, as it was then. */
export function useBulk(rows: Readonly<Ref<readonly RunLine[]>>, refresh: () => void) {
  const { t, n } = useI18n()
  const picked = shallowRef<ReadonlyMap<number, RunLine>>(new Map())
  const here = computed(() => new Map(rows.value.map((run) => [run.id, run])))
  const elsewhere = computed(() => [...picked.value.values()].filter((run) => !here.value.has(run.id)))
  const asked = shallowRef<readonly Chosen[]>([])
  const busy = ref(false)
  const primary = (run: RunLine) => primaryOf(run.actions)

  /** What the picked runs offer: each action that one of them allows, with those that do. */
  const offers = computed(() => {
    const byName = new Map<string, Chosen[]>()
    for (const run of [...picked.value.values()].map((one) => here.value.get(one.id) ?? one)) {
      for (const action of run.actions) byName.set(action.name, [...(byName.get(action.name) ?? []), { run, action }])
    }
    return ['retry_failed', 'confirm', 'continue_rolling', 'stop'].flatMap((name) => {
      const chosen = byName.get(name)
      return chosen ? [{ name, chosen, hosts: chosen.reduce((sum, one) => sum + one.action.count, 0), danger: isDangerous(name) }] : []
    })
  })
  const hosts = computed(() => asked.value.reduce((sum, one) => sum + one.action.count, 0))
  const level = computed(() => {
    const [first] = asked.value
    return first ? blastOf(first.action, hosts.value) : 'low'
  })
  const verb = computed(() => {
    const [first] = asked.value
    return first ? t(`common.action.${first.action.name}`, { count: n(hosts.value) }) : ''
  })

  function pick(run: RunLine, on: boolean): void {
    const next = new Map(picked.value)
    if (on) next.set(run.id, run)
    else next.delete(run.id)
    picked.value = next
  }
  const letGo = (runs: Iterable<RunLine>) => {
    const gone = new Set([...runs].map((run) => run.id))
    picked.value = new Map([...picked.value].filter(([id]) => !gone.has(id)))
  }

  async function confirm(): Promise<void> {
    busy.value = true
    let done = 0
    try {
      // One by one: what the server refuses for one run must not keep the others from it.
      for (const { run, action } of asked.value) await operate(run.id, action, run).then(() => (done += 1), tellRefusal)
      if (done) toast(t('runlist.done', { count: n(done) }, done), 'ok')
    } finally {
      busy.value = false
      asked.value = []
      picked.value = new Map()
      refresh()
    }
  }

  return { picked, here, elsewhere, letGo, asked, busy, primary, offers, hosts, level, verb, pick, confirm, ask: (chosen: readonly Chosen[]) => (asked.value = chosen), isDangerous: computed(() => asked.value.some((one) => isDangerous(one.action.name))) }
}

export type Bulk = ReturnType<typeof useBulk>
