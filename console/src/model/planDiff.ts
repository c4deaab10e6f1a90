// What synchronising a plan changes, as rows that people can read.

import { textOf } from './base64'
import { targetOf, targetTexts, type TargetSpec } from './targetSpec'
import { LANGUAGES, type Rolling, type Source, type StepScript } from './templateDraft'

export type Effect = 'added' | 'removed' | 'changed' | 'moved' | 'unchanged'
export const EFFECTS: readonly Effect[] = ['added', 'removed', 'changed', 'moved', 'unchanged']

/** A member before and after; `isText` for what wants lines side by side. `field` is a key of `jobs.member`. */
export interface FieldRow {
  readonly field: string
  readonly before: string
  readonly after: string
  readonly isText: boolean
}

export interface DiffedStep {
  readonly name: string
  readonly ignore_error: boolean
  readonly kind: string
  readonly definition: Record<string, unknown>
  readonly script?: StepScript | null
}

/** Count what becomes of parts. */
export function countEffects(parts: readonly { readonly effect: string }[]): Record<Effect, number> {
  const counted: Record<Effect, number> = { added: 0, removed: 0, changed: 0, moved: 0, unchanged: 0 }
  for (const one of parts) counted[one.effect as Effect] += 1
  return counted
}

/** Tell whether synchronising would change nothing of these parts. */
export function changesNothing(parts: readonly { readonly effect: string }[]): boolean {
  return parts.every((one) => one.effect === 'unchanged')
}

/** Return what to compare where a step gets another version of the script that it runs: the script's id, and both versions. */
export function otherVersions(before: DiffedStep | null | undefined, after: DiffedStep | null | undefined): { readonly script: string; readonly pair: string } | undefined {
  const [old, fresh] = [before?.script, after?.script]
  if (!old || !fresh || old.script_id !== fresh.script_id || old.version_id === fresh.version_id) return undefined
  return { script: old.script_id, pair: `${old.version_id}...${fresh.version_id}` }
}

export interface SeenPlan {
  readonly id: number
  readonly name: string
  /** When what is shown of it was changed. */
  readonly seenAt: number
}

/** Return plans as they are shown; undefined while what would change of one is not. */
export function seenPlans(plans: readonly { readonly id: number; readonly name: string }[], changedAt: Readonly<Record<number, number | undefined>>): SeenPlan[] | undefined {
  const seen = plans.flatMap(({ id, name }) => (changedAt[id] === undefined ? [] : [{ id, name, seenAt: changedAt[id] }]))
  return seen.length === plans.length ? seen : undefined
}

/** Says keys of `jobs.…` in the words of whoever looks. */
export type Say = (key: string, named?: Readonly<Record<string, unknown>>) => string

/** Return the rows of a step's members that differ, as `fields` names them; secrets differ without being shown. */
export function stepRows(fields: readonly string[], before: DiffedStep, after: DiffedStep, say: Say): FieldRow[] {
  const memberText = (field: string, step: DiffedStep) => toldText(field, step, say)
  const named = [...new Set(fields.map((one) => one.replace(/^definition\./, '')).map((one) => JOINED[one] ?? one))]
  return named.map((field) => ({ field, before: memberText(field, before), after: memberText(field, after), isText: field === 'script' && !isKept(before) && !isKept(after) }))
}

/** What is one thing to people and several to the API. */
const JOINED: Readonly<Record<string, string>> = {
  account_id: 'account', account_alias: 'account', db_account_id: 'account', db_account_alias: 'account', content: 'script', script_version_id: 'script',
}

function isKept(step: DiffedStep): boolean {
  return typeof step.definition['script_version_id'] === 'number'
}

/** What takes words to tell it whole: two values that differ must not look alike. */
function toldText(field: string, step: DiffedStep, say: Say): string {
  const value = step.definition[field]
  if (field === 'rolling' && value) return rollingText(value as Partial<Rolling>, say)
  if (field === 'mode' && typeof value === 'number') return say(`jobs.modes.${value}`)
  if (field === 'contents') return ((value ?? []) as { name: string; content: string }[]).map((one) => `${one.name} · ${printOf(one.content)}`).join('\n')
  return memberText(field, step)
}

function rollingText(rolling: Partial<Rolling>, say: Say): string {
  const named = (key: string, value: number | string | undefined) => `${say(`jobs.${key}`)}: ${value ?? 0}`
  const cut = rolling.by_source ? [say('jobs.bySource'), named('mostHosts', rolling.most_hosts), named('mostFiles', rolling.most_files)] : [rolling.expression ?? '']
  const seconds = (ms: number | undefined) => `${(ms ?? 0) / 1000} s`
  const next = rolling.parallel
    ? [say('jobs.byClock'), named('waitFixed', seconds(rolling.wait_fixed_ms)), `${say('jobs.waitFrom')} ${seconds(rolling.wait_random_min_ms)} ${say('jobs.waitTo')} ${seconds(rolling.wait_random_max_ms)}`]
    : [named('rollingMode', say(`jobs.rollingModes.${rolling.mode ?? 1}`))]
  return [...cut, ...next].join(' · ')
}

/** Return by what two contents of a name are told apart: FNV-1a, which is no proof, only a look. */
function printOf(content: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < content.length; at += 1) hash = Math.imul(hash ^ content.charCodeAt(at), 0x01000193)
  const bytes = Math.floor((content.length * 3) / 4) - (/=*$/.exec(content)?.[0].length ?? 0)
  return `${bytes} B · ${(hash >>> 0).toString(16).padStart(8, '0')}`
}

/** Return a member of a step as a text. */
export function memberText(field: string, step: DiffedStep): string {
  const members = step.definition
  switch (field) {
    case 'name':
    case 'kind':
      return step[field]
    case 'ignore_error':
      return step.ignore_error ? '✓' : '–'
    case 'account':
      return accountText(members)
    case 'script':
      return scriptText(step)
    case 'language':
      return LANGUAGES[Number(members['language'])] ?? ''
    case 'target':
      return targetText(members['target'] as Partial<TargetSpec>)
    case 'sources':
      return (members['sources'] as Partial<Source>[] | undefined)?.map(sourceText).join('\n') ?? ''
    case 'contents':
      return (members['contents'] as { name: string }[] | undefined)?.map((one) => one.name).join('\n') ?? ''
    case 'rolling':
      return (members['rolling'] as { expression?: string } | null)?.expression ?? '–'
    default:
      return plainText(members[field])
  }
}

/** Return hosts as a text: the variable in braces, or what names them. */
export function targetText(target: Partial<TargetSpec> | undefined): string {
  const spec = targetOf(target)
  return spec.variable ? `{${spec.variable}}` : targetTexts(spec).join(', ')
}

function accountText(members: Record<string, unknown>): string {
  const alias = members['account_alias'] || members['db_account_alias']
  const id = members['account_id'] ?? members['db_account_id']
  return alias ? String(alias) : id === null || id === undefined ? '' : `#${String(id)}`
}

function scriptText(step: DiffedStep): string {
  if (isKept(step)) return step.script ? `${step.script.name} @${step.script.version}` : `#${String(step.definition['script_version_id'])}`
  const content = String(step.definition['content'] ?? '')
  return textOf(content) ?? content
}

function sourceText(source: Partial<Source>): string {
  const from = source.file_source_code || (source.hosts ? targetText(source.hosts) : '')
  const account = accountText(source as Record<string, unknown>)
  return [account && from ? `${account} @ ${from}` : from, (source.paths ?? []).join(', ')].filter(Boolean).join(': ')
}

function plainText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'boolean') return value ? '✓' : '–'
  if (Array.isArray(value)) return value.map(plainText).join(', ')
  return typeof value === 'object' ? JSON.stringify(value) : String(value as string | number)
}

export interface DiffedVariable {
  readonly name: string
  readonly type: string
  readonly value: string
  readonly hosts: Partial<TargetSpec>
}

/** Return the rows of a variable's members that differ. */
export function variableRows(fields: readonly string[], before: DiffedVariable, after: DiffedVariable): FieldRow[] {
  const text = (one: DiffedVariable, field: string) => (field === 'hosts' ? targetText(one.hosts) : plainText((one as unknown as Record<string, unknown>)[field]))
  return fields.map((field) => ({ field, before: text(before, field), after: text(after, field), isText: false }))
}
