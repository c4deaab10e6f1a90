// Hosts as templates keep them, and as people write them: an address, an id, `group:ID` or `node:TYPE:ID`, one text each.

export interface TargetSpec {
  host_ids: number[]
  addresses: { cloud_id: number; ip: string }[]
  dynamic_groups: string[]
  topology_nodes: { type: string; id: number }[]
  /** The name of a host list variable in place of all others. */
  variable: string
  /** What was written and only the server can resolve; it is never sent. */
  unread?: string[]
}

const IPV4 = /^(?:(\d+):)?(\d{1,3}(?:\.\d{1,3}){3})$/
const IPV6 = /^(?:(\d+):\[([0-9a-fA-F:.]+)\]|\[?([0-9a-fA-F]*:[0-9a-fA-F:.]+)\]?)$/
const NODE = /^node:([^:]+):(\d+)$/

/** Return a target that names nothing. */
export function noTarget(): TargetSpec {
  return { host_ids: [], addresses: [], dynamic_groups: [], topology_nodes: [], variable: '' }
}

/** Return a target as the server shows it, with all its lists. */
export function targetOf(shown: Partial<TargetSpec> | undefined): TargetSpec {
  return { ...noTarget(), ...shown }
}

/** Return the texts that name what a target names. */
export function targetTexts(spec: TargetSpec): string[] {
  return [
    ...spec.host_ids.map(String),
    ...spec.addresses.map((one) => (one.ip.includes(':') ? `${one.cloud_id}:[${one.ip}]` : one.cloud_id ? `${one.cloud_id}:${one.ip}` : one.ip)),
    ...spec.dynamic_groups.map((one) => `group:${one}`),
    ...spec.topology_nodes.map((one) => `node:${one.type}:${one.id}`),
    ...(spec.unread ?? []),
  ]
}

/** Return the target that texts name, and the texts that only the server can resolve (names, networks, expressions). */
export function readTexts(texts: readonly string[]): { spec: TargetSpec; left: string[] } {
  const spec = noTarget()
  const left = texts.filter((text) => !readText(spec, text.trim()))
  return { spec, left }
}

/** Return the target that texts name, with what could not be read kept beside it. */
export function specOf(texts: readonly string[]): TargetSpec {
  const { spec, left } = readTexts(texts)
  return left.length ? { ...spec, unread: left } : spec
}

function readText(spec: TargetSpec, text: string): boolean {
  const [v4, v6, node] = [IPV4.exec(text), IPV6.exec(text), NODE.exec(text)]
  if (/^[1-9]\d*$/.test(text)) spec.host_ids.push(Number(text))
  else if (v4) spec.addresses.push({ cloud_id: Number(v4[1] ?? 0), ip: v4[2] as string })
  else if (text.startsWith('group:') && text.length > 6) spec.dynamic_groups.push(text.slice(6))
  else if (node) spec.topology_nodes.push({ type: node[1] as string, id: Number(node[2]) })
  else if (v6) spec.addresses.push({ cloud_id: Number(v6[1] ?? 0), ip: (v6[2] ?? v6[3]) as string })
  else return false
  return true
}

/** Whether a target names nothing. */
export function isEmpty(spec: TargetSpec): boolean {
  return !spec.variable && targetTexts(spec).length === 0
}

/** Return which texts to look up so that nothing is left which cannot be kept: groups and nodes stay, unless hosts are taken away from them. */
export function toLookUp(texts: readonly string[]): string[] {
  return texts.some((one) => one.startsWith('!')) ? [...texts] : texts.filter((one) => !/^(group|node):/.test(one))
}
