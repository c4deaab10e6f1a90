import { expect, test } from 'vitest'
import { countChanged, lacking, toSend, type PlanVariable } from './planValues'

const one = (name: string, more: Partial<PlanVariable> = {}): PlanVariable => ({ name, type: 'string', value: 'own', hosts: {}, required: false, description: '', ...more })
const VARIABLES = [one('version'), one('pin', { type: 'password', value: '******' }), one('web', { type: 'hosts', value: '', hosts: { host_ids: [1, 2] } }), one('empty', { value: '', required: true })]

test('only what differs is sent', () => {
  const given = { values: { version: 'own', pin: 'secret', gone: 'x' }, hosts: { web: ['1', '2'] } }
  expect(toSend(VARIABLES, given)).toEqual({ values: { pin: 'secret' }, hosts: {} })
  expect(toSend(VARIABLES, { values: { version: '' }, hosts: { web: ['2'] } })).toEqual({ values: { version: '' }, hosts: { web: ['2'] } })
  expect(countChanged(VARIABLES, given)).toBe(1)
  expect(toSend(VARIABLES, { values: { pin: '******' }, hosts: {} }).values).toEqual({ pin: '******' })
  expect(toSend(VARIABLES, { values: { pin: '' }, hosts: {} }).values).toEqual({})
})

test('what is required needs a value, its own or a given one', () => {
  expect(lacking(VARIABLES, { values: {}, hosts: {} })).toEqual(['empty'])
  expect(lacking(VARIABLES, { values: { empty: 'now' }, hosts: {} })).toEqual([])
  expect(lacking([one('web', { type: 'hosts', required: true, hosts: {} })], { values: {}, hosts: {} })).toEqual(['web'])
})
