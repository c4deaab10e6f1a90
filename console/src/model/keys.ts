/** Keys as texts: `g r`, `?`, `Ctrl k`, `Enter`; and what has been pressed so far. */

/** Return the text of a press; "" for one that means nothing by itself. */
export function pressOf(event: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean; shiftKey: boolean }): string {
  const { key } = event
  if (['Control', 'Shift', 'Alt', 'Meta', 'Dead', 'Process'].includes(key)) return ''
  const name = key.length === 1 ? key : key.replace('Escape', 'Esc')
  const shift = event.shiftKey && key.length > 1 ? 'Shift ' : ''
  // Ctrl and ⌘ do the same: whoever changes the machine keeps the habit.
  const held = event.ctrlKey || event.metaKey ? 'Ctrl ' : event.altKey ? 'Alt ' : ''
  return held + shift + (held ? name.toLowerCase().replace('enter', 'Enter') : name === ' ' ? 'Space' : name)
}

export interface Heard {
  readonly keys: string
  /** Whether it works while somebody writes in a field; those with Ctrl do. */
  readonly inFields?: boolean
  /** Whether it works while a dialog is open: what lies behind one must not act. */
  readonly inDialogs?: boolean
}

/** Where a press was made: with a dialog open, in a field, on something that a press of Enter or Space is for. */
export interface Pressed {
  readonly dialog: boolean
  readonly field: boolean
  readonly control: boolean
}

/** Return whether a key works where it was pressed. */
export function isHeard(key: Heard, where: Pressed): boolean {
  if (where.dialog && !key.inDialogs) return false
  if (where.control && ['Enter', 'Space'].includes(key.keys)) return false
  return !where.field || (key.inFields ?? key.keys.startsWith('Ctrl '))
}

/** Return what has been pressed with one more press, and which of the known sequences it is; a wrong press starts anew. */
export function follow(pressed: string, press: string, known: readonly string[]): { pressed: string; hit: string | undefined } {
  for (const tried of pressed ? [`${pressed} ${press}`, press] : [press]) {
    if (known.includes(tried)) return { pressed: '', hit: tried }
    if (known.some((one) => one.startsWith(`${tried} `))) return { pressed: tried, hit: undefined }
  }
  return { pressed: '', hit: undefined }
}
