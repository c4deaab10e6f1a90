/** The form of a quick run of a script: what is filled in, what is missing, and the request that it makes. */

import { tidyRolling } from './rolling'
import type { StartCall } from './startCode'

export const SCRIPT_LANGUAGES = ['shell', 'python', 'perl', 'powershell', 'bat', 'sql'] as const
export type ScriptLanguage = (typeof SCRIPT_LANGUAGES)[number]
export type ScriptOrigin = 'write' | 'saved' | 'public'
export type OnFailure = 'pause' | 'go_on' | 'ask'

export interface RollingForm {
  on: boolean
  expression: string
  onFailure: OnFailure
  parallel: boolean
  waitS: number
  /** Up to so many seconds more, by chance; kept from what is done again. */
  randomS: number
}

export interface ScriptForm {
  name: string
  origin: ScriptOrigin
  language: ScriptLanguage
  script: string
  /** A script that is no UTF-8, as Base64; it stands in the place of `script`. */
  bytes: string
  scriptId: string
  versionId: number | undefined
  params: string
  sensitive: boolean
  account: string
  dbAccount: string
  timeoutS: number | undefined
  targets: string[]
  rolling: RollingForm
}

export function emptyRolling(): RollingForm {
  return { on: false, expression: '10 20% 100%', onFailure: 'pause', parallel: false, waitS: 0, randomS: 0 }
}

export function emptyScript(): ScriptForm {
  return {
    name: '', origin: 'write', language: 'shell', script: '', bytes: '', scriptId: '', versionId: undefined, params: '', sensitive: false, account: '', dbAccount: '',
    timeoutS: undefined, targets: [], rolling: emptyRolling(),
  }
}

export type MissingPart = 'script' | 'targets' | 'dbAccount' | 'rolling'

/** Return what has to be filled in before it may be sent. */
export function missingOfScript(form: ScriptForm): MissingPart[] {
  const missing: MissingPart[] = []
  if (form.origin === 'write' ? !form.script.trim() && !form.bytes : form.versionId === undefined) missing.push('script')
  if (!form.targets.length) missing.push('targets')
  if (form.language === 'sql' && !form.dbAccount) missing.push('dbAccount')
  if (form.language !== 'sql' && form.rolling.on && !form.rolling.expression.trim()) missing.push('rolling')
  return missing
}

/** Return the rolling of a request; undefined for none. */
export function rollingBody(rolling: RollingForm): Record<string, unknown> | undefined {
  if (!rolling.on) return undefined
  const random = rolling.randomS ? { random_ms: rolling.randomS * 1000 } : {}
  const parallel = rolling.parallel ? { parallel: true, wait_ms: rolling.waitS * 1000, ...random } : {}
  return { expression: tidyRolling(rolling.expression), on_failure: rolling.onFailure, ...parallel }
}

/** Return the request that a form makes. */
export function scriptCall(form: ScriptForm, scope: string): StartCall {
  const common = { scope, targets: form.targets, name: form.name.trim() || undefined, timeout_s: form.timeoutS }
  // What was written before a kept script was chosen stays in the form, and must not run in its place.
  const kept = form.origin === 'write' ? undefined : { script_version_id: form.versionId }
  if (form.language === 'sql') return { path: '/api/v1/jobs/sql', body: defined({ ...common, ...(kept ?? (form.bytes ? { sql_base64: form.bytes } : { sql: form.script })), db_account: form.dbAccount }) }
  const what = kept ?? { ...(form.bytes ? { script_base64: form.bytes } : { script: form.script }), language: form.language }
  const params = form.params ? { params: form.params, sensitive_params: form.sensitive || undefined } : {}
  return { path: '/api/v1/jobs/script', body: defined({ ...common, ...what, ...params, account: form.account || undefined, rolling: rollingBody(form.rolling) }) }
}

/** Return what a preview is asked for. */
export function previewBody(call: StartCall): Record<string, unknown> {
  const names: Record<string, string> = { '/api/v1/jobs/sql': 'sql', '/api/v1/jobs/file': 'files' }
  return { [names[call.path] ?? 'script']: call.body }
}

function defined(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}

/** Return a form as a draft keeps it; the server drops `params` where `sensitive_params` says that they are secret. */
export function scriptDraft(form: ScriptForm): Record<string, unknown> {
  const { sensitive, params, ...rest } = form
  return { ...rest, sensitive_params: sensitive, params: sensitive ? '' : params }
}

/** Return the form that a draft keeps; what does not fit is as in an empty one. */
export function scriptFromDraft(content: Readonly<Record<string, unknown>>): ScriptForm {
  const empty = emptyScript()
  const rolling = isRecord(content['rolling']) ? filled(emptyRolling(), content['rolling']) : empty.rolling
  const form = filled(empty, content)
  const targets = Array.isArray(content['targets']) ? content['targets'].filter((one): one is string => typeof one === 'string') : []
  const versionId = typeof content['versionId'] === 'number' ? content['versionId'] : undefined
  const timeoutS = typeof content['timeoutS'] === 'number' ? content['timeoutS'] : undefined
  const language = SCRIPT_LANGUAGES.find((one) => one === content['language']) ?? 'shell'
  return { ...form, language, rolling, targets, versionId, timeoutS, sensitive: content['sensitive_params'] === true }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Return an object with the values of another one that are of the same kind. */
export function filled<T extends object>(empty: T, given: Readonly<Record<string, unknown>>): T {
  const entries = Object.entries(empty).map(([name, value]) => [name, name in given && typeof given[name] === typeof value && !Array.isArray(value) ? given[name] : value])
  return Object.fromEntries(entries) as T
}
