/** Forms that begin with what an address names: a draft, an earlier run, a version of a script, hosts. */

import { api, ask } from '@/api/client'
import { emptyFiles, filesFromDraft, type FileForm } from '@/model/fileForm'
import { runSource, stepMeant, type RunSource } from '@/model/runAgain'
import { filesOfStep, scriptOfStep, type Again, type RunStep } from '@/model/runForms'
import { emptyScript, SCRIPT_LANGUAGES, scriptFromDraft, type ScriptForm } from '@/model/scriptForm'

export type Content = Readonly<Record<string, unknown>>

const SAMPLES: Readonly<Record<string, string>> = { hostname: 'hostname' }

async function stepOfRun(source: RunSource, kinds: readonly string[]): Promise<RunStep | undefined> {
  const path = { job_id: source.jobId }
  const told = await ask(api.GET('/api/v1/jobs/{job_id}/definition', { params: { path } }))
  const step = stepMeant(told.steps, source, kinds)
  // A long script is told in part, and must not be run in part; a kept one is named, and need not be told at all.
  // So is what is no UTF-8: its bytes come with the whole alone.
  if (!step?.script || step.script.script_version_id !== null || !(step.script.cut || step.script.content?.includes('\uFFFD'))) return step
  const whole = await ask(api.GET('/api/v1/jobs/{job_id}/definition', { params: { path, query: { whole: step.step_id } } }))
  return whole.steps.find((one) => one.step_id === step.step_id)
}

/** A form that hosts were chosen for runs on them. */
const on = <Form extends { targets: string[] }>({ form, lost }: Again<Form>, hosts: readonly string[]): Again<Form> => ({ form: hosts.length ? { ...form, targets: [...hosts] } : form, lost })

/** Return the form of a script that an address asks for; `hosts` are targets besides. */
export async function prefilledScript(draft: Content | undefined, from: string, hosts: readonly string[], scope: string): Promise<Again<ScriptForm>> {
  return on(draft ? { form: scriptFromDraft(draft), lost: [] } : await scriptFrom(from, scope), hosts)
}

async function scriptFrom(from: string, scope: string): Promise<Again<ScriptForm>> {
  const source = runSource(from)
  const step = source && (await stepOfRun(source, ['script', 'sql']))
  if (source && step) return scriptOfStep(step, source.jobId)
  return { form: await namedScript(from, scope), lost: [] }
}

async function namedScript(from: string, scope: string): Promise<ScriptForm> {
  const empty = emptyScript()
  const [kind = '', rest = ''] = [from.split(':')[0], from.slice(from.indexOf(':') + 1)]
  if (kind === 'script') {
    const [scriptId = '', version = ''] = rest.split('@')
    const script = await ask(api.GET('/api/v1/scripts/{script_id}', { params: { path: { script_id: scriptId } } }))
    const versionId = version ? Number(version) : (script.online_version_id ?? undefined)
    return { ...empty, origin: script.scope === scope ? 'saved' : 'public', scriptId, versionId, name: script.name, language: SCRIPT_LANGUAGES.find((one) => one === script.language) ?? 'shell' }
  }
  // What first steps and guides link to; addresses hold the name of a script, never its text.
  return kind === 'sample' && rest in SAMPLES ? { ...empty, name: rest, script: SAMPLES[rest] ?? '' } : empty
}

/** Return the form of files that an address asks for; `hosts` are targets besides. */
export async function prefilledFiles(draft: Content | undefined, from: string, hosts: readonly string[]): Promise<Again<FileForm>> {
  return on(draft ? { form: filesFromDraft(draft), lost: [] } : await filesFrom(from), hosts)
}

async function filesFrom(from: string): Promise<Again<FileForm>> {
  const source = runSource(from)
  const step = source && (await stepOfRun(source, ['file']))
  return source && step ? filesOfStep(step, source.jobId) : { form: emptyFiles(), lost: [] }
}
