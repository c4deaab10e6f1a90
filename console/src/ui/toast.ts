/** Short news: shown for a while in the corner, and said to readers politely, at most every five seconds. */

import { ref, shallowRef } from 'vue'
import { ApiError } from '@/api/error'
import { say } from '@/i18n'
import { granterNames, permissionWords } from './permission'

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
  const refusal = error instanceof ApiError ? error : undefined
  const text = refusal ? (refusal.status === 0 ? say('app.error.unreachable') : refusal.message) : say('app.error.page')
  toast([text, ...askFor(refusal)].join(' '), 'fail', refusal?.requestId ?? '')
}

/** Say which permission a refusal is about, and who can grant it. */
function askFor(refusal: ApiError | undefined): string[] {
  const [names, granters] = [permissionWords(refusal?.permission), granterNames(refusal?.body)]
  return names.length ? [say('app.error.missing', { names: names.join(', ') }), ...(granters.length ? [say('app.error.granters', { names: granters.join(', ') })] : [])] : []
}

/** Take one away. */
export function drop(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id)
}
