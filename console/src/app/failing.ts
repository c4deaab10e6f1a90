/** What becomes of a page that cannot be opened: loaded anew after an upgrade, tried again after a cut. */

import { shallowRef } from 'vue'

export interface Failed {
  readonly error: unknown
  /** Where somebody wanted to go. */
  readonly to: string
}

/** What keeps the first page from being opened. */
export const failed = shallowRef<Failed>()

const KEY = 'jobfleet.reloaded'
const PAUSE_MS = 60_000

/** Return whether an error says that a part of the console is not there: a server that was upgraded has others. */
export function isGonePart(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|importing a module script|preload css/i.test(error.message)
}

/** Return whether the console may be loaded anew for a part that is gone: not again and again where that does not help. */
export function mayReload(storage: Pick<Storage, 'getItem' | 'setItem'>, now: number): boolean {
  if (now - Number(storage.getItem(KEY) ?? 0) < PAUSE_MS) return false
  storage.setItem(KEY, String(now))
  return true
}
