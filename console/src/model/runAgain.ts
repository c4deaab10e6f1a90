// «The same again»: the addresses by which quick run begins with what a step of a run did, and what they mean.

export interface RunSource {
  readonly jobId: number
  /** The step that is meant; without one the first that fits. */
  readonly stepId: number | undefined
}

interface StepKind {
  readonly step_id: number
  readonly type: string
}

/** Return the run that `run:ID` or `run:ID/STEP` names; undefined for anything else. */
export function runSource(from: string): RunSource | undefined {
  const found = /^run:(\d+)(?:\/(\d+))?$/.exec(from)
  return found ? { jobId: Number(found[1]), stepId: found[2] === undefined ? undefined : Number(found[2]) } : undefined
}

/** Return the step that quick run begins with: the named one, never another in its place. */
export function stepMeant<S extends StepKind>(steps: readonly S[], source: RunSource, kinds: readonly string[]): S | undefined {
  return steps.find((step) => kinds.includes(step.type) && (source.stepId === undefined || step.step_id === source.stepId))
}

/** Return which quick run does what a step of this kind did. */
export function quickRunOf(type: string): 'script' | 'file' {
  return type === 'file' ? 'file' : 'script'
}

/** Return the text that names a step of a run in an address. */
export function runFrom(jobId: number, stepId: number | undefined): string {
  return stepId === undefined ? `run:${jobId}` : `run:${jobId}/${stepId}`
}
