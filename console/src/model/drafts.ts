/** Drafts that somebody may go on with. */

interface Kept {
  readonly id: number
  readonly kind: string
}

const KINDS: Readonly<Record<'script' | 'file', readonly string[]>> = { script: ['script', 'sql'], file: ['files'] }

/** Return the drafts of a kind of quick run but the one that the address names, in their order. */
export function draftsFor<D extends Kept>(drafts: readonly D[], kind: 'script' | 'file', from: unknown): D[] {
  return drafts.filter((one) => KINDS[kind].includes(one.kind) && from !== `draft:${one.id}`)
}
