/** The keys that do something now: pages add theirs while they are shown, and `?` lists them all. */

import { onScopeDispose, shallowReactive } from 'vue'
import { follow, isHeard, pressOf, type Heard, type Pressed } from '@/model/keys'
import { toast } from '@/ui/toast'
import { lacking, type Needs } from './may'

/** `keys` is `j`, `g r`, `Ctrl k`, `Enter` or `Esc`. */
export interface Key extends Heard {
  /** Key of the catalogs: what it does, for the help. */
  readonly label: string
  run(event: KeyboardEvent): void
  /** The permissions that it takes here, as those of the button that does the same. */
  readonly needs?: Needs
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
  const where = whereOf(event)
  const usable = [...active].reverse().filter((key) => isHeard(key, where))
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

function whereOf(event: KeyboardEvent): Pressed {
  const where = event.composedPath()[0]
  const on = where instanceof HTMLElement ? where : undefined
  return {
    dialog: document.querySelector('dialog[open]') !== null,
    field: on !== undefined && (on.isContentEditable || on.matches('input:not([type=checkbox], [type=radio]), textarea, select')),
    control: !!on?.closest('a, button, summary, [role=tab], [role=menuitem]'),
  }
}
