/** What quick run begins with when it does again what a step of a run did, and what of that cannot be had again. */

import type { components } from '@/api/schema'
import { emptyFiles, emptySource, MODES, type FileForm, type SourceForm } from './fileForm'
import { emptyRolling, emptyScript, SCRIPT_LANGUAGES, type OnFailure, type RollingForm, type ScriptForm } from './scriptForm'

export type RunStep = components['schemas']['StepTold']
type Script = components['schemas']['ScriptTold']
type Source = components['schemas']['SourceTold']

/** Something that the run had and the form has not: `what` as in `quick.lost` of the catalogs. */
export interface Lost {
  readonly what: 'cut' | 'script' | 'params' | 'content' | 'upload' | 'fileSource' | 'batches'
  readonly names: string
}

export interface Again<Form> {
  readonly form: Form
  readonly lost: readonly Lost[]
}

const MASK = '******'
const MODE_WORDS: Readonly<Record<string, OnFailure>> = { pause_on_failure: 'pause', ignore_failures: 'go_on', ask_each_time: 'ask' }

const lostIf = (is: boolean, what: Lost['what'], names = ''): Lost[] => (is ? [{ what, names }] : [])

function rollingOf({ rolling: told }: RunStep): RollingForm {
  if (!told?.expression) return emptyRolling()
  return { ...emptyRolling(), on: true, expression: told.expression, onFailure: MODE_WORDS[told.mode] ?? 'pause', parallel: told.parallel, waitS: told.wait_ms / 1000, randomS: told.random_ms / 1000 }
}

/** Return why the content of a script is not to be had; undefined for one that is told whole. */
function contentLost(script: Script): Lost['what'] | undefined {
  if (script.content === null) return 'script'
  if (script.cut) return 'cut'
  return undefined
}

/** Return the form that does again what a step with a script did. */
export function scriptOfStep(step: RunStep, jobId: number): Again<ScriptForm> {
  const { script } = step
  if (!script) return { form: emptyScript(), lost: [] }
  const why = contentLost(script)
  const isKept = script.script_version_id !== null
  const kept = isKept ? { origin: script.public ? ('public' as const) : ('saved' as const), scriptId: script.script_id, versionId: script.script_version_id ?? undefined } : {}
  const account = step.type === 'sql' ? { dbAccount: step.account } : { account: step.account }
  const isSecret = script.params === MASK
  const form = {
    ...emptyScript(), ...kept, ...account, name: step.name, language: SCRIPT_LANGUAGES.find((one) => one === script.language) ?? 'shell', script: why || script.content_base64 ? '' : script.content ?? '', bytes: script.content_base64 ?? '',
    params: isSecret ? '' : script.params, sensitive: isSecret, timeoutS: step.timeout_s, targets: [`run:${jobId}`], rolling: rollingOf(step),
  }
  return { form, lost: [...(why && !isKept ? lostIf(true, why) : []), ...lostIf(isSecret, 'params')] }
}

const inSource = ({ title }: Source, path: string) => (path.startsWith(`${title}/`) ? path.slice(title.length + 1) : path)

/** Return a source as a row; one that cannot be had again has its row, too, which has to be filled or removed. */
function sourceRow(one: Source, key: number): SourceForm {
  if (one.kind === 'host') return { ...emptySource('host', key), paths: one.files.join('\n'), hosts: one.host_ids.map((id) => `host:${id}`), account: one.account }
  if (one.kind === 'file_source') return { ...emptySource('source', key), paths: one.files.map((path) => inSource(one, path)).join('\n') }
  return emptySource('upload', key)
}

function sourceLost(one: Source): Lost[] {
  if (one.kind === 'host') return []
  if (one.kind === 'file_source') return lostIf(true, 'fileSource', one.title)
  return lostIf(true, one.kind === 'content' ? 'content' : 'upload', one.files.join(', '))
}

/** Return the form that does again what a step with files did. */
export function filesOfStep(step: RunStep, jobId: number): Again<FileForm> {
  const { files } = step
  if (!files) return { form: emptyFiles(), lost: [] }
  const mib = (kib: number) => (kib ? kib / 1024 : undefined)
  const form = {
    ...emptyFiles(), name: step.name, sources: files.sources.map(sourceRow), targetPath: files.target_path, targetName: files.target_name, account: step.account,
    mode: MODES.find((one) => one === files.mode) ?? 'force', timeoutS: step.timeout_s, uploadLimitMib: mib(files.upload_limit_kib_s), downloadLimitMib: mib(files.download_limit_kib_s),
    targets: [`run:${jobId}`], rolling: rollingOf(step),
  }
  return { form, lost: [...files.sources.flatMap(sourceLost), ...lostIf(step.rolling?.expression === '', 'batches')] }
}
