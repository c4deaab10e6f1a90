/** The keys that do something now: pages add theirs while they are shown, and `?` lists them all. */

import { onScopeDispose, shallowReactive } from 'vue'
import { follow, pressOf } from '@/model/keys'
import { toast } from '@/ui/toast'
import { lacking, type Needs } from './may'

export interface Key {
  /** `j`, `g r`, `Ctrl k`, `Enter`, `Esc`. */
  readonly keys: string
  /** Key of the catalogs: what it does, for the help. */
  readonly label: string
  run(event: KeyboardEvent): void
  /** The permissions that it takes here, as those of the button that does the same. */
  readonly needs?: Needs
  /** Whether it works while somebody writes in a field; those with Ctrl do. */
  readonly inFields?: boolean
}

export const active = shallowReactive(new Set<Key>())

/** Let keys work as long as the calling component (or effect scope) lives; the last one that was added wins. */
export function useKeys(keys: readonly Key[]): void {
  for (const key of keys) active.add(key)
  onScopeDispose(() => keys.forEach((key) => active.delete(key)))
}

const PAUSE_MS = 1200
let pressed = ''
let timer = 0

/** Listen to the keyboard; called once. */
export function startKeys(): void {
  addEventListener('keydown', onPress)
}

function onPress(event: KeyboardEvent): void {
  const press = pressOf(event)
  if (!press || event.defaultPrevented || event.isComposing) return
  const usable = [...active].reverse().filter((key) => isHeard(key, event))
  const { pressed: so, hit } = follow(pressed, press, usable.map((key) => key.keys))
  pressed = so
  clearTimeout(timer)
  if (so) timer = window.setTimeout(() => (pressed = ''), PAUSE_MS)
  const key = hit === undefined ? undefined : usable.find((one) => one.keys === hit)
  if (!key) return
  event.preventDefault()
  const why = lacking(key.needs)
  if (why) toast(why)
  else key.run(event)
}

function isHeard(key: Key, event: KeyboardEvent): boolean {
  const open = document.querySelector('dialog[open]')
  const where = event.composedPath()[0]
  const inField = where instanceof HTMLElement && (where.isContentEditable || where.matches('input:not([type=checkbox], [type=radio]), textarea, select'))
  if (open && !key.keys.startsWith('Ctrl ')) return false
  if (where instanceof HTMLElement && ['Enter', 'Space'].includes(key.keys) && where.closest('a, button, summary, [role=tab], [role=menuitem]')) return false
  return !inField || (key.inFields ?? key.keys.startsWith('Ctrl '))
}
