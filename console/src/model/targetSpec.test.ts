import { expect, test } from 'vitest'
import { isEmpty, noTarget, readTexts, specOf, targetOf, targetTexts, toLookUp } from './targetSpec'

const TEXTS = ['17', '10.0.0.1', '3:10.0.0.2', '3:[fe80::1]', 'group:web', 'node:module:100']

test('texts come back as they were', () => {
  const { spec, left } = readTexts(TEXTS)
  expect(left).toEqual([])
  expect(targetTexts(spec)).toEqual(TEXTS)
})

test('what only the server can resolve is left', () => {
  const { spec, left } = readTexts(['web-1', '10.0.0.0/24', 'set=gz module=nginx', '10.0.0.[1-3]', 'group:', ' 5 '])
  expect(left).toEqual(['web-1', '10.0.0.0/24', 'set=gz module=nginx', '10.0.0.[1-3]', 'group:'])
  expect(spec.host_ids).toEqual([5])
})

test('what cannot be read stays beside what can', () => {
  expect(specOf(['5', 'module=nginx'])).toEqual({ ...noTarget(), host_ids: [5], unread: ['module=nginx'] })
  expect(targetTexts(specOf(['5', 'module=nginx']))).toEqual(['5', 'module=nginx'])
  expect('unread' in specOf(['5'])).toBe(false)
})

test('an IPv6 address without an area is in area 0', () => {
  expect(targetTexts(readTexts(['fe80::2']).spec)).toEqual(['0:[fe80::2]'])
})

test('a variable alone is a target', () => {
  expect(isEmpty(noTarget())).toBe(true)
  expect(isEmpty(targetOf({ variable: 'web' }))).toBe(false)
})

test('groups and nodes are kept, unless hosts are taken away from them', () => {
  expect(toLookUp(['5', 'group:web', 'node:set:1', 'set=gz'])).toEqual(['5', 'set=gz'])
  expect(toLookUp(['group:web', '!10.0.0.3'])).toEqual(['group:web', '!10.0.0.3'])
})
