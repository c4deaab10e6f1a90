/** The topology as a tree, from the list that the server gives. */

export interface FlatNode {
  readonly text: string
  readonly type: string
  readonly name: string
  readonly parent: string
  readonly host_count: number
}

export interface TreeNode {
  readonly text: string
  readonly type: string
  readonly name: string
  readonly count: number
  readonly children: TreeNode[]
}

/** Return the nodes without a parent, each with what is below it; a node whose parent is not there is at the top. */
export function treeOf(nodes: readonly FlatNode[]): TreeNode[] {
  const known = new Map<string, TreeNode>(nodes.map((one) => [one.text, { text: one.text, type: one.type, name: one.name, count: one.host_count, children: [] }]))
  const tops: TreeNode[] = []
  for (const one of nodes) {
    const node = known.get(one.text)
    const above = one.parent === one.text ? undefined : known.get(one.parent)
    if (node) (above?.children ?? tops).push(node)
  }
  return tops
}

/** Return a tree with those nodes only whose names have a text in them, and those above them. */
export function matchingTree(nodes: readonly TreeNode[], text: string): TreeNode[] {
  const wanted = text.trim().toLowerCase()
  if (!wanted) return [...nodes]
  return nodes.flatMap((node) => {
    if (node.name.toLowerCase().includes(wanted)) return [node]
    const children = matchingTree(node.children, wanted)
    return children.length ? [{ ...node, children }] : []
  })
}
