// A template while somebody edits it: from what the server shows, to what it takes, and what lies between.
//
// Members of definitions are called as the API calls them; contents are texts here, and Base64 there.

import { base64Of, textOf } from './base64'
import { isEmpty, noTarget, targetOf, type TargetSpec } from './targetSpec'

export type Kind = 'script' | 'file' | 'sql' | 'approval'
export const KINDS: readonly Kind[] = ['script', 'file', 'sql', 'approval']
export const VARIABLE_TYPES = ['string', 'hosts', 'password', 'namespace', 'associative', 'indexed'] as const
export type VariableType = (typeof VARIABLE_TYPES)[number]
/** The contract's numbers of script languages, as words. */
export const LANGUAGES: Readonly<Record<number, string>> = { 1: 'shell', 2: 'bat', 3: 'perl', 4: 'python', 5: 'powershell', 6: 'sql' }

export interface Rolling {
  expression: string
  mode: number
  parallel: boolean
  wait_fixed_ms: number
  wait_random_min_ms: number
  wait_random_max_ms: number
  by_source: boolean
  most_hosts: number
  most_files: number
}

export interface ScriptDefinition {
  target: TargetSpec
  account_id: number | null
  account_alias: string
  language: number
  content: string
  script_version_id: number | null
  params: string
  sensitive: boolean
  timeout_s: number | null
  interpreter: string
  rolling: Rolling | null
}

export interface SqlDefinition {
  target: TargetSpec
  db_account_id: number | null
  db_account_alias: string
  content: string
  script_version_id: number | null
  timeout_s: number | null
}

/** `kind`: 1 hosts, 2 uploaded, 3 a file source. */
export interface Source {
  kind: number
  paths: string[]
  account_id: number | null
  account_alias: string
  hosts: TargetSpec
  file_source_id: number | null
  file_source_code: string
}

export interface FileDefinition {
  target: TargetSpec
  target_path: string
  account_id: number | null
  account_alias: string
  sources: Source[]
  /** Contents of the template's own, as Base64. */
  contents: { name: string; content: string }[]
  target_name: string
  mode: number
  timeout_s: number | null
  upload_limit_kib_s: number
  download_limit_kib_s: number
  rolling: Rolling | null
}

export interface ApprovalDefinition {
  message: string
  users: string[]
  roles: string[]
  channels: string[]
}

interface Definitions {
  script: ScriptDefinition
  sql: SqlDefinition
  file: FileDefinition
  approval: ApprovalDefinition
}

/** The kept script that a step runs, as the server names it. */
export interface StepScript {
  readonly script_id: string
  readonly name: string
  readonly public: boolean
  readonly version: string
  readonly state: string
  readonly standing: string
  readonly version_id: number
  readonly online_version_id?: number | null
  readonly online_version: string
}

/** A version of a kept script, as somebody chooses it. */
export interface ScriptChoice {
  readonly value: number
  readonly label: string
  readonly hint: string
}

interface StepOf<K extends Kind> {
  /** Tells steps apart while they move; the server does not see it. */
  key: string
  id: number
  kind: K
  name: string
  ignore_error: boolean
  definition: Definitions[K]
  script: StepScript | null
  /** The version that was chosen since: it goes by its name, whatever is looked for next. */
  picked?: ScriptChoice | undefined
  /** A content that is no text, as Base64: it can be kept, not edited. */
  binary?: string | undefined
}
export type Step = { [K in Kind]: StepOf<K> }[Kind]

export interface Variable {
  key: string
  id: number
  name: string
  type: string
  value: string
  hosts: TargetSpec
  changeable: boolean
  required: boolean
  description: string
}

export interface Draft {
  name: string
  description: string
  tags: number[]
  steps: Step[]
  variables: Variable[]
}

/** What the server shows of a step and of a variable. */
export interface ShownStep {
  readonly id: number
  readonly name: string
  readonly kind: string
  readonly ignore_error: boolean
  readonly definition: Record<string, unknown>
  readonly script?: StepScript | null
}
export interface ShownVariable {
  readonly id: number
  readonly name: string
  readonly type: string
  readonly value: string
  readonly hosts: Partial<TargetSpec>
  readonly changeable: boolean
  readonly required: boolean
  readonly description: string
}
export interface ShownTemplate {
  readonly name: string
  readonly description: string
  readonly tags: readonly { readonly id: number }[]
  readonly steps: readonly ShownStep[]
  readonly variables: readonly ShownVariable[]
}

let keys = 0
const fresh = () => `new-${++keys}`

/** Return a definition of a kind that says nothing yet. */
export function emptyDefinition<K extends Kind>(kind: K): Definitions[K] {
  const all: Definitions = {
    script: { target: noTarget(), account_id: null, account_alias: '', language: 1, content: '', script_version_id: null, params: '', sensitive: false, timeout_s: null, interpreter: '', rolling: null },
    sql: { target: noTarget(), db_account_id: null, db_account_alias: '', content: '', script_version_id: null, timeout_s: null },
    file: { target: noTarget(), target_path: '', account_id: null, account_alias: '', sources: [], contents: [], target_name: '', mode: 2, timeout_s: null, upload_limit_kib_s: 0, download_limit_kib_s: 0, rolling: null },
    approval: { message: '', users: [], roles: [], channels: [] },
  }
  return all[kind]
}

/** Return a new step of a kind. */
export function newStep(kind: Kind, name = ''): Step {
  return { key: fresh(), id: 0, kind, name, ignore_error: false, definition: emptyDefinition(kind), script: null } as Step
}

export function newVariable(type: VariableType = 'string'): Variable {
  return { key: fresh(), id: 0, name: '', type, value: '', hosts: noTarget(), changeable: true, required: false, description: '' }
}

export function newSource(kind: number): Source {
  return { kind, paths: [], account_id: null, account_alias: '', hosts: noTarget(), file_source_id: null, file_source_code: '' }
}

export function newRolling(): Rolling {
  return { expression: '10%', mode: 1, parallel: false, wait_fixed_ms: 0, wait_random_min_ms: 0, wait_random_max_ms: 0, by_source: false, most_hosts: 0, most_files: 0 }
}

/** Return a draft of what is there; nothing of it is shared with what was shown. */
export function draftOf(told: ShownTemplate): Draft {
  const shown = JSON.parse(JSON.stringify(told)) as ShownTemplate
  return {
    name: shown.name,
    description: shown.description,
    tags: shown.tags.map((one) => one.id),
    steps: shown.steps.map(stepOf),
    variables: shown.variables.map((one) => ({ ...one, key: `v${one.id}`, hosts: targetOf(one.hosts) })),
  }
}

/** Return a step as it is edited; what the server left out has its usual value. */
export function stepOf(shown: ShownStep): Step {
  const kind = (KINDS as readonly string[]).includes(shown.kind) ? (shown.kind as Kind) : 'script'
  const given: Record<string, unknown> = { ...shown.definition }
  for (const name of ['target', 'hosts']) if (name in given) given[name] = targetOf(given[name] as Partial<TargetSpec>)
  if (Array.isArray(given['sources'])) given['sources'] = (given['sources'] as Partial<Source>[]).map((one) => ({ ...newSource(one.kind ?? 1), ...one, hosts: targetOf(one.hosts) }))
  const raw = typeof given['content'] === 'string' ? given['content'] : ''
  const text = textOf(raw)
  if ('content' in given) given['content'] = text ?? ''
  const definition = { ...emptyDefinition(kind), ...given }
  const step = { key: `s${shown.id}`, id: shown.id, kind, name: shown.name, ignore_error: shown.ignore_error, definition, script: shown.script ?? null } as Step
  return text === undefined ? { ...step, binary: raw } : step
}

/** Return what the server takes for a draft; parts with an id stay what they are to plans. */
export function requestOf(draft: Draft) {
  return {
    name: draft.name.trim(),
    description: draft.description,
    tags: [...draft.tags],
    steps: draft.steps.map((one) => ({ id: one.id, name: one.name.trim(), kind: one.kind, ignore_error: one.ignore_error, definition: definitionOf(one) as Record<string, never> })),
    variables: draft.variables.map(({ key: _, ...one }) => ({ ...one, value: one.type === 'hosts' ? '' : one.value, hosts: one.type === 'hosts' ? one.hosts : noTarget() })),
  }
}

/** Return the definition of a step as the server takes it. */
export function definitionOf(step: Step): Record<string, unknown> {
  const given: Record<string, unknown> = { ...step.definition }
  if (step.kind === 'script' || step.kind === 'sql') {
    const kept = step.definition.script_version_id !== null
    given['content'] = kept ? '' : (step.binary ?? base64Of(step.definition.content))
  }
  return given
}

/** Tell whether two drafts say the same. */
export function isSame(one: Draft, other: Draft): boolean {
  return JSON.stringify(requestOf(one)) === JSON.stringify(requestOf(other))
}

/** Return a list with one of its parts at another place. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const found = [...list]
  const [one] = found.splice(from, 1)
  if (one !== undefined) found.splice(Math.max(0, Math.min(found.length, to)), 0, one)
  return found
}

/** Return a step like another one, which is new to plans; hidden secrets are not there to be copied. */
export function copied(step: Step, steps: readonly Step[], word: (name: string) => string): Step {
  const copy = JSON.parse(JSON.stringify(step)) as Step
  if (copy.kind === 'script' && copy.definition.sensitive) copy.definition.params = ''
  const names = new Set(steps.map((one) => one.name))
  let name = word(step.name)
  while (names.has(name)) name = word(name)
  return { ...copy, key: fresh(), id: 0, name: name.slice(0, 60) } as Step
}

/** Say what is missing before anybody asks the server: places as the server names them, with keys of `jobs.missing`. */
export function missingIn(draft: Draft): Map<string, string> {
  const found = new Map<string, string>()
  if (!draft.name.trim()) found.set('template.name', 'name')
  if (!draft.steps.length) found.set('steps', 'steps')
  draft.steps.forEach((step, index) => missingInStep(step, `steps[${index}]`, found))
  const names = new Set<string>()
  draft.variables.forEach((one, index) => {
    if (!/^[A-Za-z_]\w{0,59}$/.test(one.name)) found.set(`variables[${index}].name`, 'variableName')
    else if (names.has(one.name)) found.set(`variables[${index}].name`, 'twice')
    names.add(one.name)
    if (one.type === 'hosts' && one.hosts.unread?.length) found.set(`variables[${index}].hosts`, 'unread')
  })
  return found
}

function missingInStep(step: Step, where: string, found: Map<string, string>): void {
  if (!step.name.trim()) found.set(`${where}.name`, 'name')
  if (step.kind === 'approval') return
  if (isEmpty(step.definition.target)) found.set(`${where}.targets`, 'targets')
  if (step.definition.target.unread?.length) found.set(`${where}.targets`, 'unread')
  if ('sources' in step.definition) step.definition.sources.forEach((one, index) => one.hosts.unread?.length && found.set(`${where}.sources[${index}].hosts`, 'unread'))
  if (step.kind === 'sql') {
    if (step.definition.db_account_id === null && !step.definition.db_account_alias) found.set(`${where}.db_account`, 'account')
  } else if (step.definition.account_id === null && !step.definition.account_alias) found.set(`${where}.account`, 'account')
  if (step.kind === 'file') {
    if (!step.definition.target_path) found.set(`${where}.target_path`, 'path')
    if (!step.definition.sources.length && !step.definition.contents.length) found.set(`${where}.sources`, 'sources')
    // A source of uploads is empty until they are there.
    if (step.definition.sources.some((one) => one.kind === 2 && !one.paths.length)) found.set(`${where}.sources`, 'uploads')
  } else if (step.definition.script_version_id === null && !step.definition.content && !step.binary) found.set(`${where}.${step.kind === 'sql' ? 'sql' : 'script'}`, 'script')
}

/** Read the mistakes that the server names, `steps[2].timeout_s: is above 600`, by their places; `''` holds what has none. */
export function mistakesBy(mistakes: readonly string[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const mistake of mistakes) {
    const [, where, problem] = /^([\w[\].]+): (.*)$/s.exec(mistake) ?? [undefined, '', mistake]
    const before = found.get(where)
    found.set(where, before === undefined ? problem : `${before}; ${problem}`)
  }
  return found
}

/** Count the mistakes of a part and all below it. */
export function countIn(mistakes: ReadonlyMap<string, string>, where: string): number {
  return [...mistakes.keys()].filter((place) => place === where || place.startsWith(`${where}.`) || place.startsWith(`${where}[`)).length
}

/** Return the names of the variables that a step mentions: as its hosts, in scripts, parameters and paths. */
export function variablesIn(step: Step, variables: readonly { readonly name: string; readonly type: string }[]): string[] {
  if (step.kind === 'approval') return []
  const definition: ScriptDefinition | SqlDefinition | FileDefinition = step.definition
  const hosts = new Set([definition.target.variable, ...('sources' in definition ? definition.sources.map((one) => one.hosts.variable) : [])])
  const text = 'sources' in definition
    ? [definition.target_path, ...definition.sources.flatMap((one) => one.paths)].join('\n')
    : [definition.content, 'params' in definition ? definition.params : ''].join('\n')
  return variables.filter((one) => hosts.has(one.name) || new RegExp(`(?<!\\w)${one.name}(?!\\w)`).test(text)).map((one) => one.name)
}
