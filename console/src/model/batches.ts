// How a bar of batches is divided: by the root of their hosts, so that a first batch of ten can be seen and hit beside one of ten thousand.
import { type Token, severity } from './status'

export interface BatchCounts {
  readonly total: number
  readonly succeeded: number
  readonly failed: number
  readonly terminated: number
  readonly running: number
  readonly done: number
}

/** Shares of the width, which sum to 1 (nothing for no batch). */
export function shares(hosts: readonly number[]): number[] {
  const roots = hosts.map((count) => Math.sqrt(Math.max(1, count)))
  const sum = roots.reduce((all, root) => all + root, 0)
  return roots.map((root) => root / sum)
}

/** The share of a batch's hosts that are over, 0 to 1. */
export function filled(counts: BatchCounts): number {
  if (counts.total === 0) return 0
  return Math.min(1, counts.done / counts.total)
}

/** The colour of a batch, or of another part of a run: that of its worst host. */
export function worstOf(counts: BatchCounts): Token {
  const here: Token[] = []
  if (counts.failed > 0) here.push('fail')
  if (counts.terminated > 0) here.push('term')
  if (counts.running > 0) here.push('run')
  if (counts.succeeded > 0) here.push('ok')
  if (counts.done + counts.running < counts.total && counts.running === 0) here.push('wait')
  const worst = here.filter((token) => token !== 'wait' || here.length === 1).sort((a, b) => severity(b) - severity(a))[0]
  return worst ?? 'wait'
}
