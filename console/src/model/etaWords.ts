// How long something still takes, in words that do not jitter: the server says milliseconds, people read «about 1m40s».
import { durationWords } from './time'

export interface EtaFacts {
  readonly remaining_ms: number | null
  readonly usual_ms: number | null
  readonly longer_than_usual: boolean
}

export interface EtaWords {
  /** Key in the catalogs; `time` and `usual` go into its text. */
  readonly key: 'common.eta.left' | 'common.eta.longer' | 'common.eta.longerLeft' | 'common.eta.usual'
  readonly time: string
  readonly usual: string
}

/** Say what is known of the end; nothing without a basis. */
export function etaWords(eta: EtaFacts | null | undefined): EtaWords | null {
  if (eta == null) return null
  const time = eta.remaining_ms === null ? '' : durationWords(calm(eta.remaining_ms))
  const usual = eta.usual_ms === null ? '' : durationWords(calm(eta.usual_ms))
  if (eta.longer_than_usual && usual !== '') return { key: time === '' ? 'common.eta.longer' : 'common.eta.longerLeft', time, usual }
  if (time !== '') return { key: 'common.eta.left', time, usual }
  return usual === '' ? null : { key: 'common.eta.usual', time, usual }
}

const STEPS: readonly (readonly [below: number, step: number])[] = [[10_000, 1_000], [60_000, 5_000], [600_000, 10_000], [3_600_000, 60_000]]

/** Round up to a step that grows with the time: an estimate to the second would be a lie. */
export function calm(ms: number): number {
  if (!Number.isFinite(ms) || ms < 0) return 0
  const step = STEPS.find(([below]) => ms < below)?.[1] ?? 300_000
  return Math.ceil(ms / step) * step
}
