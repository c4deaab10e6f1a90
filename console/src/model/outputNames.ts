/** What an address calls groups of outputs: letters, which move while hosts end, or keys, which stay. */

export interface Named {
  readonly letter: string
  readonly key: string
}

/** Return what an address is to call a group: while hosts run, the name that stays. */
export function namedAs(group: Named, running: number): string {
  return running > 0 ? group.key : group.letter
}

/** Tell whether an address means a group by one of its names. */
export function isMeant(group: Named, names: readonly string[]): boolean {
  return names.includes(group.letter) || names.includes(group.key)
}

/** Return the letter of the group that a name means now, `…` while that is not known. */
export function letterOf(name: string, groups: readonly Named[]): string {
  return groups.find((group) => isMeant(group, [name]))?.letter ?? '…'
}
