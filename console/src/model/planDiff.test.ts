import { expect, test } from 'vitest'
import { base64Of } from './base64'
import { changesNothing, countEffects, otherVersions, seenPlans, stepRows, variableRows, type DiffedStep } from './planDiff'

const step = (definition: Record<string, unknown>, more: Partial<DiffedStep> = {}): DiffedStep => ({ name: 'a', kind: 'script', ignore_error: false, definition, ...more })
/** Says the last part of a key, and a number as it is. */
const say = (key: string) => key.replace('jobs.', '')
const script = { script_id: 's', name: 'precheck', public: false, version: '1.8', state: 'online', standing: 'current', version_id: 4, online_version: '' }

test('a changed text is shown as text, with what else differs', () => {
  const rows = stepRows(['definition.content', 'definition.timeout_s', 'ignore_error'], step({ content: base64Of('old'), timeout_s: null }), step({ content: base64Of('new'), timeout_s: 60 }, { ignore_error: true }), say)
  expect(rows).toEqual([
    { field: 'script', before: 'old', after: 'new', isText: true },
    { field: 'timeout_s', before: '–', after: '60', isText: false },
    { field: 'ignore_error', before: '–', after: '✓', isText: false },
  ])
})

test('a kept script is named with its version', () => {
  const after = step({ script_version_id: 5 }, { script: { ...script, version: '1.9', version_id: 5 } })
  expect(stepRows(['definition.script_version_id'], step({ script_version_id: 4 }, { script }), after, say)).toEqual([{ field: 'script', before: 'precheck @1.8', after: 'precheck @1.9', isText: false }])
})

test('id and alias of an account are one member', () => {
  const rows = stepRows(['definition.account_id', 'definition.account_alias'], step({ account_id: 7, account_alias: '' }), step({ account_id: null, account_alias: 'root' }), say)
  expect(rows).toEqual([{ field: 'account', before: '#7', after: 'root', isText: false }])
})

test('hosts are a variable or addresses', () => {
  const rows = stepRows(['definition.target'], step({ target: { variable: 'web' } }), step({ target: { host_ids: [1, 2] } }), say)
  expect(rows[0]).toMatchObject({ before: '{web}', after: '1, 2' })
})

test('files tell where they come from', () => {
  const before = step({ sources: [{ kind: 1, hosts: { host_ids: [9] }, paths: ['/a', '/b'] }] })
  expect(stepRows(['definition.sources'], before, step({ sources: [] }), say)[0]).toMatchObject({ before: '9: /a, /b', after: '' })
})

test('a source tells the account that reads it', () => {
  const source = (account_alias: string) => step({ sources: [{ kind: 1, hosts: { host_ids: [9] }, account_alias, paths: ['/a'] }] })
  expect(stepRows(['definition.sources'], source('root'), source('app'), say)[0]).toMatchObject({ before: 'root @ 9: /a', after: 'app @ 9: /a' })
})

test('batches tell all that they are', () => {
  const rolling = { expression: '10 20% 100%', mode: 1, parallel: false, wait_fixed_ms: 0, wait_random_min_ms: 0, wait_random_max_ms: 0, by_source: false, most_hosts: 0, most_files: 0 }
  const told = (changes: Partial<typeof rolling>) => stepRows(['definition.rolling'], step({ rolling: null }), step({ rolling: { ...rolling, ...changes } }), say)[0]?.after
  expect(told({})).toBe('10 20% 100% · rollingMode: rollingModes.1')
  expect(told({ mode: 2 })).toBe('10 20% 100% · rollingMode: rollingModes.2')
  expect(told({ parallel: true, wait_fixed_ms: 5000 })).toBe('10 20% 100% · byClock · waitFixed: 5 s · waitFrom 0 s waitTo 0 s')
  expect(told({ by_source: true, expression: '', most_hosts: 3, most_files: 9 })).toBe('bySource · mostHosts: 3 · mostFiles: 9 · rollingMode: rollingModes.1')
  expect(stepRows(['definition.rolling'], step({ rolling: null }), step({ rolling }), say)[0]?.before).toBe('–')
})

test('contents of a name tell that they are others', () => {
  const contents = (text: string) => step({ contents: [{ name: 'a.conf', content: base64Of(text) }] })
  const [row] = stepRows(['definition.contents'], contents('old'), contents('new'), say)
  expect(row?.before).toMatch(/^a\.conf · 3 B · [0-9a-f]{8}$/)
  expect(row?.after).not.toBe(row?.before)
})

test('a transfer tells what it does', () => {
  expect(stepRows(['definition.mode'], step({ mode: 1 }), step({ mode: 2 }), say)).toEqual([{ field: 'mode', before: 'modes.1', after: 'modes.2', isText: false }])
})

test('variables differ in values and hosts', () => {
  const one = { name: 'v', type: 'string', value: '1', hosts: {} }
  expect(variableRows(['value'], one, { ...one, value: '2' })).toEqual([{ field: 'value', before: '1', after: '2', isText: false }])
})

test('effects are counted', () => {
  expect(countEffects([{ effect: 'added' }, { effect: 'added' }, { effect: 'unchanged' }])).toMatchObject({ added: 2, unchanged: 1, removed: 0 })
  expect(changesNothing([{ effect: 'unchanged' }])).toBe(true)
})

test('plans are seen when the difference of each is shown', () => {
  const plans = [{ id: 3, name: 'canary' }, { id: 5, name: 'full' }]
  expect(seenPlans(plans, { 3: 70 })).toBeUndefined()
  expect(seenPlans(plans, { 3: 70, 5: undefined })).toBeUndefined()
  expect(seenPlans(plans, { 3: 70, 5: 0, 9: 80 })).toEqual([{ id: 3, name: 'canary', seenAt: 70 }, { id: 5, name: 'full', seenAt: 0 }])
})

test('versions of one script can be compared, and nothing else', () => {
  const kept = (more: Partial<typeof script>) => step({ script_version_id: 4 }, { script: { ...script, ...more } })
  expect(otherVersions(kept({}), kept({ version_id: 5 }))).toEqual({ script: 's', pair: '4...5' })
  expect(otherVersions(kept({}), kept({}))).toBeUndefined()
  expect(otherVersions(kept({}), kept({ script_id: 'other', version_id: 5 }))).toBeUndefined()
  expect(otherVersions(kept({}), step({ content: '' }))).toBeUndefined()
  expect(otherVersions(null, kept({}))).toBeUndefined()
})
