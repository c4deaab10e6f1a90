import { expect, test } from 'vitest'
import { base64Of } from './base64'
import { changesNothing, countEffects, stepRows, variableRows, type DiffedStep } from './planDiff'

const step = (definition: Record<string, unknown>, more: Partial<DiffedStep> = {}): DiffedStep => ({ name: 'a', kind: 'script', ignore_error: false, definition, ...more })
const script = { script_id: 's', name: 'precheck', public: false, version: '1.8', state: 'online', standing: 'current', version_id: 4, online_version: '' }

test('a changed text is shown as text, with what else differs', () => {
  const rows = stepRows(['definition.content', 'definition.timeout_s', 'ignore_error'], step({ content: base64Of('old'), timeout_s: null }), step({ content: base64Of('new'), timeout_s: 60 }, { ignore_error: true }))
  expect(rows).toEqual([
    { field: 'script', before: 'old', after: 'new', isText: true },
    { field: 'timeout_s', before: '–', after: '60', isText: false },
    { field: 'ignore_error', before: '–', after: '✓', isText: false },
  ])
})

test('a kept script is named with its version', () => {
  const after = step({ script_version_id: 5 }, { script: { ...script, version: '1.9', version_id: 5 } })
  expect(stepRows(['definition.script_version_id'], step({ script_version_id: 4 }, { script }), after)).toEqual([{ field: 'script', before: 'precheck @1.8', after: 'precheck @1.9', isText: false }])
})

test('id and alias of an account are one member', () => {
  const rows = stepRows(['definition.account_id', 'definition.account_alias'], step({ account_id: 7, account_alias: '' }), step({ account_id: null, account_alias: 'root' }))
  expect(rows).toEqual([{ field: 'account', before: '#7', after: 'root', isText: false }])
})

test('hosts are a variable or addresses', () => {
  const rows = stepRows(['definition.target'], step({ target: { variable: 'web' } }), step({ target: { host_ids: [1, 2] } }))
  expect(rows[0]).toMatchObject({ before: '{web}', after: '1, 2' })
})

test('files tell where they come from', () => {
  const before = step({ sources: [{ kind: 1, hosts: { host_ids: [9] }, paths: ['/a', '/b'] }] })
  expect(stepRows(['definition.sources'], before, step({ sources: [] }))[0]).toMatchObject({ before: '9: /a, /b', after: '' })
})

test('variables differ in values and hosts', () => {
  const one = { name: 'v', type: 'string', value: '1', hosts: {} }
  expect(variableRows(['value'], one, { ...one, value: '2' })).toEqual([{ field: 'value', before: '1', after: '2', isText: false }])
})

test('effects are counted', () => {
  expect(countEffects([{ effect: 'added' }, { effect: 'added' }, { effect: 'unchanged' }])).toMatchObject({ added: 2, unchanged: 1, removed: 0 })
  expect(changesNothing([{ effect: 'unchanged' }])).toBe(true)
})
