/** What the palette finds among what the page itself knows, and what it asks the server for. */

export interface Entry {
  readonly key: string
  readonly group: string
  readonly label: string
  readonly hint: string
  readonly to: string
  /** How many there are in all, of the entry that leads to the list of them. */
  readonly all?: number
}

/** Return entries and, when there are more than those, the one that leads to the list of all. */
export function withRest(entries: readonly Entry[], total: number, group: string, to: string): Entry[] {
  return total > entries.length ? [...entries, { key: `all ${group}`, group, label: '', hint: '', to, all: total }] : [...entries]
}

/** Return the number of a run that somebody types: `123`, `#123`, a link of ours or of BK-JOB; undefined for anything else. */
export function runNumber(text: string): number | undefined {
  const found = /^#?(\d{1,15})$/.exec(text.trim()) ?? /(?:\/runs\/|\/api_execute\/|\/execute\/step\/)(\d{1,15})/.exec(text)
  return found ? Number(found[1]) : undefined
}

/** Tell how well a label fits what is typed: higher is better, 0 not at all. Words may come in any order. */
export function fit(label: string, typed: string): number {
  const text = label.toLowerCase()
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  if (!words.length) return 1
  if (!words.every((word) => text.includes(word))) return 0
  return text === typed.toLowerCase() ? 4 : text.startsWith(words[0] ?? '') ? 3 : 2
}

/** Return the entries that fit, the best first, in the order given among equals. */
export function fitting<T extends { readonly label: string; readonly hint: string }>(entries: readonly T[], typed: string): T[] {
  return entries
    .map((entry, at) => ({ entry, at, score: fit(`${entry.label} ${entry.hint}`, typed) }))
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .map((one) => one.entry)
}
