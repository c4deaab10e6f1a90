/** Forms that begin with what an address names: a draft, an earlier run, a version of a script, hosts. */

import { api, ask } from '@/api/client'
import { emptyFiles, emptySource, filesFromDraft, MODES, type FileForm } from '@/model/fileForm'
import { runSource, stepMeant, type RunSource } from '@/model/runAgain'
import { emptyRolling, emptyScript, SCRIPT_LANGUAGES, scriptFromDraft, type OnFailure, type RollingForm, type ScriptForm } from '@/model/scriptForm'
import type { components } from '@/api/schema'

export type Content = Readonly<Record<string, unknown>>
type StepTold = components['schemas']['StepTold']

const SAMPLES: Readonly<Record<string, string>> = { hostname: 'hostname' }
const MODE_WORDS: Readonly<Record<string, OnFailure>> = { pause_on_failure: 'pause', ignore_failures: 'go_on', ask_each_time: 'ask' }

function rollingOf(step: StepTold): RollingForm {
  const told = step.rolling
  if (!told?.expression) return emptyRolling()
  return { ...emptyRolling(), on: true, expression: told.expression, onFailure: MODE_WORDS[told.mode] ?? 'pause', parallel: told.parallel, waitS: told.wait_ms / 1000, randomS: told.random_ms / 1000 }
}

async function stepOfRun(source: RunSource, kinds: readonly string[]): Promise<StepTold | undefined> {
  const told = await ask(api.GET('/api/v1/jobs/{job_id}/definition', { params: { path: { job_id: source.jobId } } }))
  return stepMeant(told.steps, source, kinds)
}

/** Return the form of a script that an address asks for; `hosts` are targets besides. */
export async function prefilledScript(draft: Content | undefined, from: string, hosts: readonly string[], scope: string): Promise<ScriptForm> {
  const form = draft ? scriptFromDraft(draft) : await scriptFrom(from, scope)
  return hosts.length ? { ...form, targets: [...hosts] } : form
}

async function scriptFrom(from: string, scope: string): Promise<ScriptForm> {
  const empty = emptyScript()
  const [kind = '', rest = ''] = [from.split(':')[0], from.slice(from.indexOf(':') + 1)]
  if (kind === 'script') {
    const [scriptId = '', version = ''] = rest.split('@')
    const script = await ask(api.GET('/api/v1/scripts/{script_id}', { params: { path: { script_id: scriptId } } }))
    const versionId = version ? Number(version) : (script.online_version_id ?? undefined)
    return { ...empty, origin: script.scope === scope ? 'saved' : 'public', scriptId, versionId, name: script.name, language: SCRIPT_LANGUAGES.find((one) => one === script.language) ?? 'shell' }
  }
  // What first steps and guides link to; addresses hold the name of a script, never its text.
  if (kind === 'sample') return rest in SAMPLES ? { ...empty, name: rest, script: SAMPLES[rest] ?? '' } : empty
  const source = runSource(from)
  if (!source) return empty
  const step = await stepOfRun(source, ['script', 'sql'])
  if (!step?.script) return empty
  const { script } = step
  const kept = script.script_version_id != null ? { origin: script.public ? ('public' as const) : ('saved' as const), scriptId: script.script_id, versionId: script.script_version_id } : {}
  const account = step.type === 'sql' ? { dbAccount: step.account } : { account: step.account }
  return {
    ...empty, ...kept, ...account, name: step.name, language: SCRIPT_LANGUAGES.find((one) => one === script.language) ?? 'shell', script: script.content ?? '',
    params: script.params === '******' ? '' : script.params, sensitive: script.params === '******', timeoutS: step.timeout_s, targets: [`run:${source.jobId}`], rolling: rollingOf(step),
  }
}

/** Return the form of files that an address asks for; `hosts` are targets besides. */
export async function prefilledFiles(draft: Content | undefined, from: string, hosts: readonly string[]): Promise<FileForm> {
  const form = draft ? filesFromDraft(draft) : await filesFrom(from)
  return hosts.length ? { ...form, targets: [...hosts] } : form
}

async function filesFrom(from: string): Promise<FileForm> {
  const empty = emptyFiles()
  const source = runSource(from)
  if (!source) return empty
  const step = await stepOfRun(source, ['file'])
  if (!step?.files) return empty
  const { files } = step
  const sources = files.sources.flatMap((one, key) => {
    // Contents that came with a request, and objects of file sources that are named by their title only, are chosen anew.
    if (one.kind === 'upload') return [{ ...emptySource('upload', key), uploads: one.files.map((path) => ({ name: path.split('/').at(-1) ?? path, sizeBytes: 0, path })) }]
    if (one.kind !== 'host') return []
    return [{ ...emptySource('host', key), paths: one.files.join('\n'), hosts: one.host_ids.map((id) => `host:${id}`), account: one.account }]
  })
  const mib = (kib: number) => (kib ? Math.max(1, Math.round(kib / 1024)) : undefined)
  return {
    ...empty, name: step.name, sources, targetPath: files.target_path, targetName: files.target_name, account: step.account, mode: MODES.find((one) => one === files.mode) ?? 'force',
    timeoutS: step.timeout_s, uploadLimitMib: mib(files.upload_limit_kib_s), downloadLimitMib: mib(files.download_limit_kib_s), targets: [`run:${source.jobId}`], rolling: rollingOf(step),
  }
}
