// Which of the actions that the server offers is the one button, and how much friction each one deserves.
//
// Whether an action is allowed, and why not, is said by the server alone.

import { RUN, isRunOpen } from './status'

export interface OfferedAction {
  readonly name: string
  readonly step_id?: number | null | undefined
  readonly allowed: boolean
  readonly reason_text: string
  readonly count: number
}

/** The first of these that is allowed is the one button: what a person is awaited for, then what repairs, then what stops. */
const FIRST: readonly string[] = ['confirm', 'continue_rolling', 'retry_failed', 'start', 'stop', 'restart_approval', 'next_step', 'force_skip', 'retry_all']

/** The action that a state asks for; undefined when nothing may be done. */
export function primaryOf<A extends OfferedAction>(actions: readonly A[]): A | undefined {
  const allowed = actions.filter((action) => action.allowed)
  for (const name of FIRST) {
    const found = allowed.find((action) => action.name === name)
    if (found !== undefined) return found
  }
  return undefined
}

/** The actions of a run and of one step of it, in their order, each name once: those of the step come first. */
export function actionsFor<A extends OfferedAction>(actions: readonly A[], stepId: number | undefined): A[] {
  const own = actions.filter((action) => action.step_id === stepId)
  const ofRun = actions.filter((action) => action.step_id == null)
  const others = actions.filter((action) => action.step_id != null && action.step_id !== stepId && action.allowed)
  return [...own, ...ofRun, ...others]
}

export type Blast = 'low' | 'medium' | 'high'

/** From how many hosts on the server wants an action to be asked about with more care; null: never. */
export interface Friction {
  readonly medium_from: number
  readonly high_from: number | null
}

/** How much friction an action on so many hosts deserves: on those that it is offered for, a part of them, or those of several runs. */
export function blastOf({ medium_from, high_from }: Friction, hosts: number): Blast {
  if (high_from !== null && hosts >= high_from) return 'high'
  return hosts >= medium_from ? 'medium' : 'low'
}

const DANGEROUS = new Set(['stop', 'force_skip', 'reject', 'ignore_error'])

/** Whether the button of an action is red. */
export function isDangerous(name: string): boolean {
  return DANGEROUS.has(name)
}

export interface StepState {
  readonly id: number
  readonly status: number
}

/** The step that an address without one means: the running or waiting one, else the first that failed, else the last one that began. */
export function stepThatMatters<S extends StepState>(steps: readonly S[]): S | undefined {
  const open = steps.find((step) => isRunOpen(step.status) && step.status !== RUN.pending)
  const failed = steps.find((step) => step.status === RUN.failed || step.status === RUN.abnormal)
  return open ?? failed ?? steps.findLast((step) => step.status !== RUN.pending) ?? steps[0]
}
