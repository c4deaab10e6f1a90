import { describe, expect, it } from 'vitest'
import { problems, type Health } from './health'

const server = { host: 'a', silent: false, role: 'all', version: '1', disk_free_bytes: 2 ** 40, disk_total_bytes: 2 ** 41 }
const well: Health = {
  at: 1_000_000, servers: [server], broker: { connected: true, answer_ms: 2 }, database: { connections: 20, max_connections: 100 }, queues: [{ name: 'mails', due_since: 990_000 }], unchained_since: null,
}
const whats = (health: Partial<Health>) => problems({ ...well, ...health }).map((one) => one.what)

describe('the health of an installation', () => {
  it('is well', () => expect(whats({})).toEqual([]))
  it('says what is wrong, the grave first', () => {
    expect(whats({ servers: [server, { ...server, host: 'b', silent: true }], broker: { connected: false, answer_ms: null } })).toEqual(['broker', 'silent'])
  })
  it('sees a broker that does not answer', () => expect(whats({ broker: { connected: true, answer_ms: null } })).toEqual(['broker']))
  it('sees that nobody carries jobs on', () => expect(whats({ servers: [{ ...server, role: 'api' }] })).toEqual(['noEngine']))
  it('sees a full disk, a late queue, few connections, rows that are not linked', () => {
    expect(whats({ servers: [{ ...server, disk_free_bytes: 5_000_000 }] })).toEqual(['disk'])
    expect(whats({ queues: [{ name: 'jobs', due_since: 900_000 }] })).toEqual(['late'])
    expect(whats({ database: { connections: 95, max_connections: 100 } })).toEqual(['connections'])
    expect(whats({ unchained_since: 900_000 })).toEqual(['unchained'])
  })
  it('sees servers of two versions', () => expect(whats({ servers: [server, { ...server, version: '2' }] })).toEqual(['versions']))
})
