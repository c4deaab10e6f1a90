/** Whether the first steps are shown: nothing has run yet, and no agent that was there is missing. */

/** Return whether somebody is at the first steps: there are no agents yet, or one is there to run something on. */
export function isFirstStart(agents: { readonly online: number; readonly offline: number }, runs: number): boolean {
  return runs === 0 && (agents.online > 0 || agents.offline === 0)
}
