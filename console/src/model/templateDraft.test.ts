import { describe, expect, test } from 'vitest'
import { base64Of } from './base64'
import { specOf } from './targetSpec'
import { countIn, copied, draftOf, isSame, missingIn, mistakesBy, moved, newSource, newStep, newVariable, requestOf, stepOf, variablesIn, type ShownTemplate, type Step } from './templateDraft'

const SHOWN: ShownTemplate = {
  name: 'Release',
  description: '',
  tags: [{ id: 3 }],
  steps: [
    { id: 11, name: 'precheck', kind: 'script', ignore_error: false, definition: { target: { variable: 'web' }, account_id: 1, content: base64Of('echo $version'), params: '******', sensitive: true } },
    { id: 12, name: 'push', kind: 'file', ignore_error: true, definition: { target: { host_ids: [1] }, target_path: '/etc/', account_alias: 'root', sources: [{ kind: 1, paths: ['/a/version'] }] } },
    { id: 13, name: 'go', kind: 'approval', ignore_error: false, definition: { message: '?', users: ['li'] } },
  ],
  variables: [{ id: 5, name: 'web', type: 'hosts', value: '', hosts: { host_ids: [1] }, changeable: true, required: false, description: '' }],
}

describe('a draft', () => {
  test('says what was there until somebody changes it', () => {
    const draft = draftOf(SHOWN)
    expect(isSame(draft, draftOf(SHOWN))).toBe(true)
    const request = requestOf(draft)
    expect(request.steps.map((one) => one.id)).toEqual([11, 12, 13])
    expect(request.steps[0]?.definition['content']).toBe(base64Of('echo $version'))
    expect(request.variables[0]?.hosts.host_ids).toEqual([1])
    ;(draft.steps[0] as Extract<Step, { kind: 'script' }>).definition.content = 'other'
    expect(isSame(draft, draftOf(SHOWN))).toBe(false)
  })

  test('keeps a content that is no text', () => {
    const raw = base64Of(Uint8Array.from([0xff, 0xfe]))
    const step = stepOf({ id: 1, name: 'a', kind: 'script', ignore_error: false, definition: { content: raw } })
    expect(requestOf({ ...draftOf(SHOWN), steps: [step] }).steps[0]?.definition['content']).toBe(raw)
  })

  test('sends no content beside a kept script', () => {
    const step = stepOf({ id: 1, name: 'a', kind: 'script', ignore_error: false, definition: { content: base64Of('x'), script_version_id: 4 } })
    expect(requestOf({ ...draftOf(SHOWN), steps: [step] }).steps[0]?.definition['content']).toBe('')
  })

  test('gives no value to a host list', () => {
    const draft = { ...draftOf(SHOWN), variables: [{ ...newVariable('hosts'), name: 'h', value: 'left over' }] }
    expect(requestOf(draft).variables[0]?.value).toBe('')
  })
})

test('a part moves and the others keep their order', () => {
  expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
  expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b'])
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
  expect(moved(['a', 'b'], 1, 9)).toEqual(['a', 'b'])
})

test('a copy is new, has a name of its own and no hidden secret', () => {
  const { steps } = draftOf(SHOWN)
  const copy = copied(steps[0] as Step, steps, (name) => `${name} copy`)
  expect([copy.id, copy.name]).toEqual([0, 'precheck copy'])
  expect(copy.kind === 'script' && copy.definition.params).toBe('')
  expect(copied(steps[0] as Step, [...steps, copy], (name) => `${name} copy`).name).toBe('precheck copy copy')
})

test('hosts that nobody has looked up are not saved as none', () => {
  const step = newStep('script', 's')
  if (step.kind === 'script') step.definition.target = specOf(['module=nginx'])
  const list = { ...newVariable('hosts'), name: 'web', hosts: specOf(['module=nginx']) }
  const missing = missingIn({ name: 'x', description: '', tags: [], steps: [step], variables: [list] })
  expect([missing.get('variables[0].hosts'), missing.get('steps[0].targets')]).toEqual(['unread', 'unread'])
})

test('what is missing is named as the server would', () => {
  const draft = { name: ' ', description: '', tags: [], steps: [newStep('script'), newStep('approval', 'ok'), newStep('file', 'f'), newStep('sql', 's')], variables: [newVariable(), { ...newVariable(), name: 'a' }, { ...newVariable(), name: 'a' }] }
  expect(Object.fromEntries(missingIn(draft))).toEqual({
    'template.name': 'name',
    'steps[0].name': 'name',
    'steps[0].targets': 'targets',
    'steps[0].account': 'account',
    'steps[0].script': 'script',
    'steps[2].targets': 'targets',
    'steps[2].account': 'account',
    'steps[2].target_path': 'path',
    'steps[2].sources': 'sources',
    'steps[3].targets': 'targets',
    'steps[3].db_account': 'account',
    'steps[3].sql': 'script',
    'variables[0].name': 'variableName',
    'variables[2].name': 'twice',
  })
})

test('files that are still being sent are missing', () => {
  const step = newStep('file', 's')
  if (step.kind === 'file') step.definition.sources = [newSource(1), newSource(2)]
  const draft = { name: 'x', description: '', tags: [], steps: [step], variables: [] }
  expect(missingIn(draft).get('steps[0].sources')).toBe('uploads')
  if (step.kind === 'file') step.definition.sources[1]!.paths = ['up/x']
  expect(missingIn(draft).has('steps[0].sources')).toBe(false)
})

test('mistakes of the server find their places', () => {
  const found = mistakesBy(['steps[1].sources[0].files: is no path', 'steps[10].name: is empty', 'steps[1].name: is long', 'all is lost'])
  expect(found.get('steps[1].name')).toBe('is long')
  expect(found.get('')).toBe('all is lost')
  expect([countIn(found, 'steps[1]'), countIn(found, 'steps[10]'), countIn(found, 'variables')]).toEqual([2, 1, 0])
})

test('a step names variables as hosts, in scripts and in paths', () => {
  const variables = [{ name: 'web', type: 'hosts' }, { name: 'version', type: 'string' }, { name: 'ver', type: 'string' }]
  expect(draftOf(SHOWN).steps.map((step) => variablesIn(step, variables))).toEqual([['web', 'version'], ['version'], []])
})
