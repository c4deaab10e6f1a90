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

/** Return what has been pressed with one more press, and which of the known sequences it is; a wrong press starts anew. */
export function follow(pressed: string, press: string, known: readonly string[]): { pressed: string; hit: string | undefined } {
  for (const tried of pressed ? [`${pressed} ${press}`, press] : [press]) {
    if (known.includes(tried)) return { pressed: '', hit: tried }
    if (known.some((one) => one.startsWith(`${tried} `))) return { pressed: tried, hit: undefined }
  }
  return { pressed: '', hit: undefined }
}
