/** A run as a call of the API that starts the same again. */

import { api, ask, base } from '@/api/client'
import type { components } from '@/api/schema'

/** Return the call for a terminal; what is secret is not in it and has to be filled in. */
export async function callOf(jobId: number, scope: string): Promise<string> {
  const path = { params: { path: { job_id: jobId } } }
  const { steps } = await ask(api.GET('/api/v1/jobs/{job_id}/definition', path))
  const [step] = steps
  const script = step?.script
  if (steps.length !== 1 || !step || !script || script.content === null || script.cut) {
    return curl(`/api/v1/jobs/${jobId}/redo`, {})
  }
  const { columns } = await ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/hosts', { params: { path: { job_id: jobId, step_id: step.step_id } } }))
  const targets = [...new Set(columns.host_id)].map(String)
  if (step.type === 'sql') return curl('/api/v1/jobs/sql', { scope, targets, db_account: step.account, timeout_s: step.timeout_s, sql: script.content })
  return curl('/api/v1/jobs/script', { scope, targets, account: step.account, language: script.language, timeout_s: step.timeout_s, params: script.params, script: script.content, ...rollingOf(step) })
}

const MODES: Readonly<Record<string, string>> = { pause_on_failure: 'pause', ignore_failures: 'go_on', ask_each_time: 'ask' }

function rollingOf({ rolling }: components['schemas']['StepTold']): Record<string, unknown> {
  return rolling?.expression ? { rolling: { expression: rolling.expression, on_failure: MODES[rolling.mode] ?? 'pause', parallel: rolling.parallel } } : {}
}

function curl(path: string, body: Record<string, unknown>): string {
  const quoted = JSON.stringify(body, null, 2).replaceAll("'", "'\\''")
  return `curl -X POST ${location.origin}${base.replace(/\/$/, '')}${path} \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d '${quoted}'\n`
}
