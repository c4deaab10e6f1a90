/** A run as a call of the API that starts the same again: the very request, with what it was given. */

import { api, ask, base } from '@/api/client'
import { fileCall, missingOfFiles } from '@/model/fileForm'
import { planCall } from '@/model/planValues'
import { runFrom } from '@/model/runAgain'
import { missingOfScript, scriptCall } from '@/model/scriptForm'
import { asCurl, type StartCall } from '@/model/startCode'
import { prefilledFiles, prefilledScript } from '@/pages/run/prefill'

/** Return the command for a terminal; what is secret is not in it and has to be filled in. */
export async function callOf(jobId: number, scope: string, planId: number | null): Promise<string> {
  const call = (planId === null ? await ofSteps(jobId, scope) : await ofPlan(jobId, planId, scope)) ?? { path: `/api/v1/jobs/${jobId}/redo`, body: {} }
  return `${asCurl(call, location.origin + base.replace(/\/$/, ''))}\n`
}

/** A plan that is gone, and what debugs a template, can only be done once more. */
async function ofPlan(job_id: number, plan_id: number, scope: string): Promise<StartCall | undefined> {
  const [plan, { first }] = await Promise.all([
    ask(api.GET('/api/v1/plans/{plan_id}', { params: { path: { plan_id }, query: { scope } } })).catch(() => undefined),
    ask(api.GET('/api/v1/jobs/{job_id}/variables', { params: { path: { job_id } } })),
  ])
  return plan && planCall(plan_id, scope, plan.variables, first)
}

/** What only the run itself still has (contents that came with the request, a long script) can only be done once more. */
async function ofSteps(job_id: number, scope: string): Promise<StartCall | undefined> {
  const { steps } = await ask(api.GET('/api/v1/jobs/{job_id}/definition', { params: { path: { job_id } } }))
  const [step] = steps
  if (steps.length !== 1 || !step || step.type === 'approval') return undefined
  const from = runFrom(job_id, step.step_id)
  if (step.type === 'file') {
    const { form, lost } = await prefilledFiles(undefined, from, [])
    return !lost.length && !missingOfFiles(form).length ? fileCall(form, scope) : undefined
  }
  if (step.script?.cut && step.script.script_version_id === null) return undefined
  const { form } = await prefilledScript(undefined, from, [], scope)
  return missingOfScript(form).length ? undefined : scriptCall(form.sensitive ? { ...form, params: '***' } : form, scope)
}
