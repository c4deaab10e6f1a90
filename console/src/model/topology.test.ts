import { expect, it } from 'vitest'
import { matchingTree, treeOf } from './topology'

const node = (text: string, name: string, parent = '') => ({ text, name, parent, type: 't', host_count: 1 })
const nodes = [node('a', 'demo'), node('b', 'gz-01', 'a'), node('c', 'nginx', 'b'), node('d', 'redis', 'b'), node('e', 'lost', 'gone')]

it('puts nodes below their parents, and what has none at the top', () => {
  const tree = treeOf(nodes)
  expect(tree.map((one) => one.name)).toEqual(['demo', 'lost'])
  expect(tree[0]?.children[0]?.children.map((one) => one.name)).toEqual(['nginx', 'redis'])
})

it('keeps what is above a match', () => {
  const found = matchingTree(treeOf(nodes), 'NGI')
  expect(JSON.stringify(found.map((one) => one.children.map((inner) => inner.children.map((last) => last.name))))).toBe('[[["nginx"]]]')
  expect(matchingTree(treeOf(nodes), 'zzz')).toEqual([])
})
