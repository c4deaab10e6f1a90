/** How logs look to somebody: kept in the browser, the same for all logs. */

import { ref, watch } from 'vue'

export const TIMES = ['off', 'relative', 'absolute'] as const
export type Times = (typeof TIMES)[number]
export const SIZES = [11, 12, 13, 15] as const

const KEY = 'jobfleet.log'

interface Kept { wrap?: unknown; times?: unknown; size?: unknown }

function kept(): Kept {
  try {
    return (JSON.parse(localStorage.getItem(KEY) ?? '{}') ?? {}) as Kept
  } catch {
    return {}
  }
}

const { wrap: keptWrap, times: keptTimes, size: keptSize } = kept()

export const wrap = ref(keptWrap === true)
export const times = ref<Times>(TIMES.find((one) => one === keptTimes) ?? 'off')
export const size = ref<number>(SIZES.find((one) => one === keptSize) ?? 12)

watch([wrap, times, size], () => localStorage.setItem(KEY, JSON.stringify({ wrap: wrap.value, times: times.value, size: size.value })))

// One for all rows: making one takes longer than all that a row does besides.
const clocks = new Map<string, Intl.DateTimeFormat>()

/** Return the clock of a zone, to the millisecond. */
export function clockOf(name: string): Intl.DateTimeFormat {
  const made = clocks.get(name) ?? new Intl.DateTimeFormat('en-GB', { timeZone: name, hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' })
  clocks.set(name, made)
  return made
}
