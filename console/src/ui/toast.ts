/** Short news: shown for a while in the corner, and said to readers politely, at most every five seconds. */

import { ref, shallowRef } from 'vue'
import { ApiError } from '@/api/error'
import { refusalWords } from './permission'

export interface Toast {
  readonly id: number
  readonly text: string
  readonly kind: 'plain' | 'ok' | 'fail'
  readonly requestId: string
}

export const toasts = shallowRef<readonly Toast[]>([])
export const announced = ref('')

const SHOWN_MS = 6000
const QUIET_MS = 5000
let number = 0
let waiting = ''
let quietUntil = 0

/** Say something to readers only. What comes within five seconds of another is said once they are over; the newest wins. */
export function announce(text: string): void {
  const left = quietUntil - Date.now()
  if (left <= 0) {
    quietUntil = Date.now() + QUIET_MS
    announced.value = text
  } else {
    if (!waiting) setTimeout(flush, left)
    waiting = text
  }
}

function flush(): void {
  const text = waiting
  waiting = ''
  announce(text)
}

/** Show a short text in the corner. */
export function toast(text: string, kind: Toast['kind'] = 'plain', requestId = ''): void {
  const one = { id: ++number, text, kind, requestId }
  toasts.value = [...toasts.value.slice(-3), one]
  announce(text)
  // What went wrong stays until it is closed: nobody reads in six seconds at three in the morning.
  if (kind !== 'fail') setTimeout(() => drop(one.id), SHOWN_MS)
}

/** Show what a write was refused for. */
export function toastError(error: unknown): void {
  toast(refusalWords(error), 'fail', error instanceof ApiError ? error.requestId : '')
}

/** Take one away. */
export function drop(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
