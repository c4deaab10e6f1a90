/** Return what there is now: what was shown stays where it stands, gone or not, and what is new comes behind it. */
export function keptOrder<One>(shown: readonly One[], now: readonly One[]): readonly One[] {
  const known = new Set(shown)
  return [...shown, ...now.filter((one) => !known.has(one))]
}
