/** What is wrong with an installation, by the numbers that it tells. */

export interface Health {
  readonly at: number
  readonly servers: readonly { readonly host: string; readonly silent: boolean; readonly role: string; readonly version: string; readonly disk_free_bytes: number; readonly disk_total_bytes: number }[]
  readonly broker: { readonly connected: boolean; readonly answer_ms: number | null }
  readonly database: { readonly connections: number; readonly max_connections: number }
  readonly queues: readonly { readonly name: string; readonly due_since: number | null }[]
  readonly unchained_since: number | null
}

export interface Problem {
  readonly what: 'broker' | 'silent' | 'disk' | 'connections' | 'late' | 'unchained' | 'noEngine' | 'versions'
  readonly name: string
  readonly grave: boolean
}

const LATE_MS = 30_000
const UNCHAINED_MS = 60_000
const FEW_BYTES = 2 ** 30
const MANY = 0.9

/** Return what is wrong, the grave first. */
export function problems(health: Health): Problem[] {
  const alive = health.servers.filter((one) => !one.silent)
  const found: Problem[] = [
    ...(health.broker.connected && health.broker.answer_ms !== null ? [] : [{ what: 'broker' as const, name: '', grave: true }]),
    ...(alive.length && !alive.some((one) => one.role !== 'api') ? [{ what: 'noEngine' as const, name: '', grave: true }] : []),
    ...alive.filter(isFull).map((one) => ({ what: 'disk' as const, name: one.host, grave: true })),
    ...health.servers.filter((one) => one.silent).map((one) => ({ what: 'silent' as const, name: one.host, grave: false })),
    ...(health.database.connections >= MANY * health.database.max_connections ? [{ what: 'connections' as const, name: '', grave: true }] : []),
    ...health.queues.filter((one) => one.due_since !== null && health.at - one.due_since > LATE_MS).map((one) => ({ what: 'late' as const, name: one.name, grave: true })),
    ...(health.unchained_since !== null && health.at - health.unchained_since > UNCHAINED_MS ? [{ what: 'unchained' as const, name: '', grave: true }] : []),
    ...(new Set(alive.map((one) => one.version)).size > 1 ? [{ what: 'versions' as const, name: '', grave: false }] : []),
  ]
  return [...found.filter((one) => one.grave), ...found.filter((one) => !one.grave)]
}

function isFull(one: Health['servers'][number]): boolean {
  return one.disk_total_bytes > 0 && one.disk_free_bytes < Math.min(FEW_BYTES, one.disk_total_bytes * (1 - MANY))
}
