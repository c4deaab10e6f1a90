/** The form of a distribution of files: sources as rows, the request that it makes, and what is missing. */

import { emptyRolling, filled, isRecord, rollingBody, type RollingForm } from './scriptForm'
import type { StartCall } from './startCode'

export type SourceKind = 'upload' | 'host' | 'source'
export const MODES = ['strict', 'force', 'safe_by_ip', 'safe_by_date'] as const
export type Mode = (typeof MODES)[number]

export interface UploadedFile {
  readonly name: string
  readonly sizeBytes: number
  /** How the server names it; empty until it is there. */
  readonly path: string
  /** Which of those on their way it is, in the box that sends it. */
  readonly sending?: number
}

export interface SourceForm {
  readonly key: number
  kind: SourceKind
  /** One a line. */
  paths: string
  hosts: string[]
  account: string
  fileSource: string
  uploads: UploadedFile[]
}

export interface FileForm {
  name: string
  sources: SourceForm[]
  targetPath: string
  targetName: string
  account: string
  mode: Mode
  timeoutS: number | undefined
  uploadLimitMib: number | undefined
  downloadLimitMib: number | undefined
  targets: string[]
  rolling: RollingForm
}

export function emptySource(kind: SourceKind, key: number): SourceForm {
  return { key, kind, paths: '', hosts: [], account: '', fileSource: '', uploads: [] }
}

export function emptyFiles(): FileForm {
  return {
    name: '', sources: [], targetPath: '', targetName: '', account: '', mode: 'force', timeoutS: undefined, uploadLimitMib: undefined, downloadLimitMib: undefined,
    targets: [], rolling: emptyRolling(),
  }
}

const pathsOf = (written: string) => written.split(/\r?\n/).map((path) => path.trim()).filter(Boolean)

/** Return whether a row says enough to send something. */
export function isComplete(source: SourceForm): boolean {
  if (source.kind === 'upload') return source.uploads.length > 0 && source.uploads.every((file) => file.path)
  if (!pathsOf(source.paths).length) return false
  return source.kind === 'host' ? source.hosts.length > 0 : source.fileSource !== ''
}

export type MissingOfFiles = 'sources' | 'uploads' | 'targetPath' | 'targets'

const isSending = (source: SourceForm) => source.kind === 'upload' && source.uploads.some((file) => !file.path)

/** Return what has to be filled in before it may be sent. */
export function missingOfFiles(form: FileForm): MissingOfFiles[] {
  const missing: MissingOfFiles[] = []
  if (!form.sources.length || !form.sources.every((one) => isSending(one) || isComplete(one))) missing.push('sources')
  if (form.sources.some(isSending)) missing.push('uploads')
  if (!form.targetPath.trim()) missing.push('targetPath')
  if (!form.targets.length) missing.push('targets')
  return missing
}

function sourceBody(source: SourceForm): Record<string, unknown> {
  if (source.kind === 'upload') return { paths: source.uploads.map((file) => file.path) }
  const paths = pathsOf(source.paths)
  if (source.kind === 'source') return { paths, file_source: source.fileSource }
  return source.account ? { paths, hosts: source.hosts, account: source.account } : { paths, hosts: source.hosts }
}

const kib = (mib: number | undefined) => (mib ? Math.max(1, Math.round(mib * 1024)) : undefined)

/** Return the request that a form makes. */
export function fileCall(form: FileForm, scope: string): StartCall {
  const body = {
    scope,
    targets: form.targets,
    sources: form.sources.map(sourceBody),
    target_path: form.targetPath.trim(),
    target_name: form.targetName.trim() || undefined,
    account: form.account || undefined,
    mode: form.mode,
    timeout_s: form.timeoutS,
    upload_limit_kib_s: kib(form.uploadLimitMib),
    download_limit_kib_s: kib(form.downloadLimitMib),
    name: form.name.trim() || undefined,
    rolling: rollingBody(form.rolling),
  }
  return { path: '/api/v1/jobs/file', body: Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) }
}

/** Return files with those that begin to be sent at their end: nothing starts before all are there. */
export function withSending(files: readonly UploadedFile[], sending: readonly { readonly name: string; readonly size: number; readonly key: number }[]): UploadedFile[] {
  return [...files, ...sending.map((one) => ({ name: one.name, sizeBytes: one.size, path: '', sending: one.key }))]
}

/** Return files after one of them is there, by its path, or has failed: then it is none any more. */
export function afterSending(files: readonly UploadedFile[], key: number, path: string | undefined): UploadedFile[] {
  const there = files.filter((one) => one.sending === key || one.path !== path)
  return there.flatMap((one) => (one.sending !== key ? [one] : path ? [{ name: one.name, sizeBytes: one.sizeBytes, path }] : []))
}

/** Return the form that a draft keeps; what does not fit is as in an empty one. */
export function filesFromDraft(content: Readonly<Record<string, unknown>>): FileForm {
  const empty = emptyFiles()
  const whole = (value: unknown) => (typeof value === 'number' ? value : undefined)
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [])
  const sources = Array.isArray(content['sources']) ? content['sources'].filter(isRecord) : []
  return {
    ...filled(empty, content),
    mode: MODES.find((one) => one === content['mode']) ?? empty.mode,
    sources: sources.map((one, index) => ({ ...filled(emptySource('host', index), one), key: index, hosts: texts(one['hosts']), uploads: uploadsOf(one['uploads']) })),
    targets: texts(content['targets']),
    rolling: isRecord(content['rolling']) ? filled(emptyRolling(), content['rolling']) : empty.rolling,
    timeoutS: whole(content['timeoutS']),
    uploadLimitMib: whole(content['uploadLimitMib']),
    downloadLimitMib: whole(content['downloadLimitMib']),
  }
}

function uploadsOf(value: unknown): UploadedFile[] {
  const listed = Array.isArray(value) ? value.filter(isRecord) : []
  return listed.map((one) => filled({ name: '', sizeBytes: 0, path: '' }, one)).filter((one) => one.path)
}
