import { expect, it } from 'vitest'
import { draftsFor } from './drafts'

const drafts = [{ id: 3, kind: 'files' }, { id: 2, kind: 'script' }, { id: 1, kind: 'sql' }, { id: 4, kind: 'template' }]

it('offers the drafts of the same kind, but not the one that is open', () => {
  expect(draftsFor(drafts, 'script', undefined).map((one) => one.id)).toEqual([2, 1])
  expect(draftsFor(drafts, 'script', 'draft:2').map((one) => one.id)).toEqual([1])
  expect(draftsFor(drafts, 'file', 'draft:2').map((one) => one.id)).toEqual([3])
})
