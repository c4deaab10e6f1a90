/** The states of a script's version, and what may become of it. The server decides again at every step. */

export type VersionState = 'draft' | 'online' | 'offline' | 'disabled'
export type VersionOperation = 'publish' | 'disable' | 'delete' | 'edit' | 'run'

export const STATE_TOKENS = { draft: 'ask', online: 'ok', offline: 'wait', disabled: 'term' } as const

const ALLOWED: Readonly<Record<VersionState, readonly VersionOperation[]>> = {
  draft: ['publish', 'edit', 'delete'],
  online: ['disable', 'delete', 'run'],
  offline: ['publish', 'disable', 'delete', 'run'],
  disabled: ['delete'],
}

/** Return the state that a word of the server names; one that nobody knows is taken for disabled: nothing is offered. */
export function stateOf(word: string): VersionState {
  return word in ALLOWED ? (word as VersionState) : 'disabled'
}

/**
 * Return why an operation cannot be done to a version, as the last part of a key of the catalogs, or '' when it can.
 *
 * @param uses - how many templates and plans run the version.
 */
export function refusalOf(operation: VersionOperation, state: VersionState, uses: number): '' | 'used' | `${VersionOperation}.${VersionState}` {
  if (!ALLOWED[state].includes(operation)) return `${operation}.${state}`
  return operation === 'delete' && uses > 0 ? 'used' : ''
}

/** Return the versions of `V1...V2`, or undefined when the text names no two. */
export function pairOf(text: string): readonly [number, number] | undefined {
  const found = /^(\d{1,15})\.\.\.(\d{1,15})$/.exec(text)
  return found ? [Number(found[1]), Number(found[2])] : undefined
}

/** Return a name for the version that follows one: its last number plus one; what has none gets `.1`. */
export function nextName(name: string): string {
  const found = /^(.*?)(\d+)(\D*)$/.exec(name)
  return found ? `${found[1]}${Number(found[2]) + 1}${found[3]}` : name ? `${name}.1` : '1.0'
}
