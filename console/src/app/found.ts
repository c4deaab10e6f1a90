/** What the server knows of a text that somebody types into the palette. */

import { api, ApiError, ask } from '@/api/client'
import { say } from '@/i18n'
import { runNumber, withRest, type Entry } from '@/model/palette'
import { pathOfScope } from '@/model/scope'
import type { Scope } from './scope'

const EACH = 5

export interface Found {
  readonly entries: Entry[]
  /** Whether something could not be asked now. */
  readonly isPartial: boolean
}

/** Return runs, jobs, plans, schedules, scripts and hosts that fit; what may not be seen is left out. */
export async function search(scope: Scope, typed: string, signal: AbortSignal): Promise<Found> {
  const asked = await Promise.allSettled([run(typed, signal), runs(scope, typed, signal), templates(scope, typed, signal), plans(scope, typed, signal), schedules(scope, typed, signal), scripts(scope, typed, signal), hosts(scope, typed, signal)])
  signal.throwIfAborted()
  const found = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []))
  const isPartial = asked.some((one) => one.status === 'rejected' && one.reason instanceof ApiError && one.reason.isPassing)
  return { entries: [...new Map(found.map((one) => [one.key, one])).values()], isPartial }
}

async function run(typed: string, signal: AbortSignal): Promise<Entry[]> {
  const job_id = runNumber(typed)
  if (job_id === undefined) return []
  const { job } = await ask(api.GET('/api/v1/jobs/{job_id}', { params: { path: { job_id }, query: { tasks: false } }, signal }))
  return [{ key: `run ${job.id}`, group: 'runs', label: job.name, hint: `#${job.id} · ${job.label}`, to: `${pathOfScope(job.scope)}/runs/${job.id}` }]
}

async function runs(scope: Scope, name: string, signal: AbortSignal): Promise<Entry[]> {
  const { runs: found, total } = await ask(api.GET('/api/v1/runs', { params: { query: { scope: scope.text, name, length: EACH } }, signal }))
  const entries = found.map((one) => ({ key: `run ${one.id}`, group: 'runs', label: one.name, hint: `#${one.id} · ${one.label}`, to: `${scope.path}/runs/${one.id}` }))
  return withRest(entries, total, 'runs', `${scope.path}/runs?name=${encodeURIComponent(name)}`)
}

async function templates(scope: Scope, name: string, signal: AbortSignal): Promise<Entry[]> {
  const { templates: found, total } = await ask(api.GET('/api/v1/templates', { params: { query: { scope: scope.text, name, length: EACH } }, signal }))
  const entries = found.map((one) => ({ key: `job ${one.id}`, group: 'jobs', label: one.name, hint: one.description, to: `${scope.path}/jobs/${one.id}` }))
  return withRest(entries, total, 'jobs', `${scope.path}/jobs?q=${encodeURIComponent(name)}`)
}

async function plans(scope: Scope, name: string, signal: AbortSignal): Promise<Entry[]> {
  const { plans: found } = await ask(api.GET('/api/v1/plans', { params: { query: { scope: scope.text, name, length: EACH } }, signal }))
  return found.map((one) => ({ key: `plan ${one.id}`, group: 'plans', label: one.name, hint: one.template_name, to: `${scope.path}/jobs/${one.template_id}/plans/${one.id}` }))
}

async function schedules(scope: Scope, name: string, signal: AbortSignal): Promise<Entry[]> {
  const { schedules: found, total } = await ask(api.GET('/api/v1/schedules', { params: { query: { scope: scope.text, name, length: EACH } }, signal }))
  const entries = found.map((one) => ({ key: `schedule ${one.id}`, group: 'schedules', label: one.name, hint: one.expression, to: `${scope.path}/schedules/${one.id}` }))
  return withRest(entries, total, 'schedules', `${scope.path}/schedules?q=${encodeURIComponent(name)}`)
}

async function scripts(scope: Scope, name: string, signal: AbortSignal): Promise<Entry[]> {
  const { scripts: found, total } = await ask(api.GET('/api/v1/scripts', { params: { query: { scope: scope.text, name, length: EACH } }, signal }))
  const entries = found.map((one) => ({ key: `script ${one.id}`, group: 'scripts', label: one.name, hint: say(`common.languages.${one.language}`), to: `${scope.path}/scripts/${one.id}` }))
  return withRest(entries, total, 'scripts', `${scope.path}/scripts?q=${encodeURIComponent(name)}`)
}

async function hosts(scope: Scope, q: string, signal: AbortSignal): Promise<Entry[]> {
  const { hosts: found, total } = await ask(api.GET('/api/v1/hosts', { params: { query: { scope: scope.text, q, length: EACH } }, signal }))
  const entries = found.map((one) => ({ key: `host ${one.id}`, group: 'hosts', label: one.ip ?? one.ipv6 ?? one.name, hint: [one.name, say(`common.agentStates.${one.agent}`)].filter(Boolean).join(' · '), to: `${scope.path}/hosts/${one.id}` }))
  return withRest(entries, total, 'hosts', `${scope.path}/hosts?q=${encodeURIComponent(q)}`)
}
