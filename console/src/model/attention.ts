/** What is known of several questions: that nothing needs somebody is said only when all of them have answered. */

/** A question: what came last, and why nothing newer did. */
export interface Question {
  readonly data: unknown
  readonly error: unknown
}

const statusOf = (error: unknown) => (error instanceof Error && 'status' in error ? error.status : undefined)
const isForbidden = (error: unknown) => statusOf(error) === 403

/** Return whether a question has its answer; what one may not see is an answer, too: it needs somebody else. */
export function answered({ data, error }: Question): boolean {
  return isForbidden(error) || (data !== undefined && !error)
}

/** Return whether something needs somebody, nothing does, or one cannot tell; `found` things are known. */
export function attentionOf(asked: readonly Question[], found: number): 'some' | 'none' | 'unknown' {
  if (found > 0) return 'some'
  return asked.every(answered) ? 'none' : 'unknown'
}

/**
 * Return what is still there of things that were asked for one by one.
 *
 * @throws what a question failed with, where that does not say that the thing is gone.
 */
export function present<T>(asked: readonly PromiseSettledResult<T>[]): T[] {
  return asked.flatMap((one) => {
    if (one.status === 'fulfilled') return [one.value]
    if ([403, 404, 410].includes(Number(statusOf(one.reason)))) return []
    throw one.reason
  })
}
