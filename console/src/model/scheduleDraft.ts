// A schedule while somebody edits it.

import type { Given } from './planValues'
import { clockAt, instantOf } from './zoneTime'

export type Overlap = 'allow' | 'skip' | 'queue'

export interface ScheduleDraft {
  name: string
  planId: number | undefined
  kind: 'cron' | 'once'
  expression: string
  /** Clock times in the schedule's zone, as fields show them. */
  at: string
  until: string
  zone: string
  overlap: Overlap
  given: Given
}

interface Shown {
  readonly schedule: {
    readonly name: string
    readonly plan_id: number
    readonly expression: string
    readonly execute_at?: number | null
    readonly time_zone: string
    readonly end_at?: number | null
    readonly overlap: string
  }
  readonly values: readonly { readonly name: string; readonly value?: string | null; readonly hosts?: Record<string, unknown> | null }[]
}

/** Return a new schedule of a plan. */
export function newSchedule(zone: string, planId?: number): ScheduleDraft {
  return { name: '', planId, kind: 'cron', expression: '0 2 * * *', at: '', until: '', zone, overlap: 'skip', given: { values: {}, hosts: {} } }
}

/** Return a draft of a schedule; `textsOf` says hosts as texts. */
export function draftOfSchedule({ schedule, values }: Shown, textsOf: (hosts: Record<string, unknown>) => string[]): ScheduleDraft {
  const given: Given = { values: {}, hosts: {} }
  for (const one of values) {
    if (one.hosts) given.hosts[one.name] = textsOf(one.hosts)
    else if (one.value !== null && one.value !== undefined) given.values[one.name] = one.value
  }
  const clock = (at: number | null | undefined) => (at ? clockAt(at, schedule.time_zone) : '')
  return {
    name: schedule.name, planId: schedule.plan_id, kind: schedule.expression ? 'cron' : 'once', expression: schedule.expression, at: clock(schedule.execute_at), until: clock(schedule.end_at),
    zone: schedule.time_zone, overlap: schedule.overlap as Overlap, given,
  }
}

/** Return what says when a draft fires; undefined while that is not said. */
export function timingOf(draft: ScheduleDraft) {
  const at = draft.kind === 'once' ? instantOf(draft.at, draft.zone) : undefined
  if (draft.kind === 'once' ? at === undefined : !draft.expression.trim()) return undefined
  return { expression: draft.kind === 'cron' ? draft.expression.trim() : '', execute_at: at ?? null, time_zone: draft.zone, end_at: instantOf(draft.until, draft.zone) ?? null }
}
