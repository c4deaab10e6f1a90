/** A run as a call of the API that starts the same again. */

import { api, ask } from '@/api/client'

/** Return the call for a terminal; what is secret is not in it and has to be filled in. */
export async function callOf(jobId: number, scope: string): Promise<string> {
  const path = { params: { path: { job_id: jobId } } }
  const { steps } = await ask(api.GET('/api/v1/jobs/{job_id}/definition', path))
  const [step] = steps
  const script = step?.script
  if (steps.length !== 1 || !step || !script || script.content === null || script.cut || script.language === 'sql' || step.rolling) {
    return curl(`/api/v1/jobs/${jobId}/redo`, {})
  }
  const { columns } = await ask(api.GET('/api/v1/jobs/{job_id}/steps/{step_id}/hosts', { params: { path: { job_id: jobId, step_id: step.step_id } } }))
  const targets = [...new Set(columns.host_id)].map(String)
  return curl('/api/v1/jobs/script', { scope, targets, account: step.account, language: script.language, timeout_s: step.timeout_s, params: script.params, script: script.content })
}

function curl(path: string, body: Record<string, unknown>): string {
  const quoted = JSON.stringify(body, null, 2).replaceAll("'", "'\\''")
  return `curl -X POST ${location.origin}${path} \\\n  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\\n  -d '${quoted}'\n`
}
