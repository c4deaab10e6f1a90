/** How hosts and their agents are called. */

export const AGENT_STATES = ['offline', 'online', 'revoked', 'never'] as const
export type AgentState = (typeof AGENT_STATES)[number]

export const AGENT_TOKENS = { online: 'ok', offline: 'fail', revoked: 'term', never: 'wait' } as const

/** Return the state that a word of the server names; one that nobody knows is taken for `never`. */
export function agentStateOf(word: string): AgentState {
  return AGENT_STATES.find((one) => one === word) ?? 'never'
}

interface Addressed {
  readonly id: number
  readonly cloud_id: number
  readonly ip: string | null
  readonly ipv6: string | null
}

/** Return the address of a host, with its area where that is not the usual one; its id where it has none. */
export function addressOf(host: Addressed): string {
  const address = host.ip ?? (host.ipv6 && host.cloud_id ? `[${host.ipv6}]` : host.ipv6)
  if (!address) return `#${host.id}`
  return host.cloud_id ? `${host.cloud_id}:${address}` : address
}

/** Return a condition for finding hosts; a value with blanks is put in quotes. */
export function termOf(key: string, value: string): string {
  return /\s/.test(value) ? `${key}="${value.replaceAll('"', '')}"` : `${key}=${value}`
}

/** Return the query with one more condition, which it has only once. */
export function withTerm(query: string, term: string): string {
  const terms: readonly string[] = query.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []
  return terms.includes(term) ? query : `${query} ${term}`.trim()
}

/** Return the command that lets a host in; what a shell would read is quoted. */
export function enrolCommand(server: string, token: string): string {
  return `jobfleet agent --server ${quoted(server)} --token ${quoted(token)} --data-dir /var/lib/jobfleet-agent`
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
