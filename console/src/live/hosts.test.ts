import { QueryClient, useQuery } from '@tanstack/vue-query'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import type { components } from '@/api/schema'
import { randomFrom } from '@/model/random'
import { Columns, hear, Meanwhile, type HostsMoved, type MovedHosts } from './hosts'

type View = components['schemas']['HostColumnsView']

/** Pack hosts as the server does: ids and times as differences, addresses as numbers. */
function packed(count: number): View {
  const all = <T>(value: T) => Array.from({ length: count }, () => value)
  return {
    task_id: [5000, ...all(1).slice(1)], log_task_id: all(0), host_id: [10, ...all(2).slice(1)], cloud_id: all(0),
    ip: [], ip4: [(10 << 24) + 254, ...all(1).slice(1)], ipv6: [], container: [], status: all(5), exit_code: all(null),
    started_at: all(0), duration_ms: all(-1), batch: all(1), attempt: all(0), tag: all(0), tags: [''],
  }
}

function moved(ids: number[], status: number, tag = ''): MovedHosts {
  const all = <T>(value: T) => ids.map(() => value)
  return {
    task_id: ids, log_task_id: ids, status: all(status), exit_code: all(status === 9 ? 0 : 1), started_at: all(1_700_000_000_000),
    duration_ms: all(1234), batch: all(2), attempt: all(1), tag: all(tag === '' ? 0 : 1), tags: tag === '' ? [''] : ['', tag],
  }
}

describe('columns of hosts', () => {
  it('are unpacked', () => {
    const columns = new Columns()
    columns.take(packed(4))
    expect([...columns.taskId]).toEqual([5000, 5001, 5002, 5003])
    expect([...columns.hostId]).toEqual([10, 12, 14, 16])
    expect([0, 1, 2].map((index) => columns.ip(index))).toEqual(['10.0.0.254', '10.0.0.255', '10.0.1.0'])
    expect([columns.hasExit(0), columns.indexOfHost(14), columns.indexOfTask(5003), columns.indexOfTask(1)]).toEqual([false, 2, 3, -1])
  })

  it('change in place, and their version moves once for all that came', () => {
    const columns = new Columns()
    columns.take(packed(3))
    const [status, version] = [columns.status, columns.version.value]
    expect(columns.apply([moved([5001], 7), moved([5001, 5002], 104, 'disk'), moved([5000], 9, 'fine')])).toBe(true)
    expect(columns.version.value).toBe(version + 1)
    expect(columns.status).toBe(status)
    expect([...columns.status]).toEqual([9, 104, 104])
    expect([...columns.tag].map((tag) => columns.tags[tag])).toEqual(['fine', 'disk', 'disk'])
    expect([columns.hasExit(1), columns.exitCode[1], columns.durationMs[1], columns.attempt[1]]).toEqual([true, 1, 1234, 1])
  })

  it('say when a host is none of theirs', () => {
    const columns = new Columns()
    columns.take(packed(1))
    expect(columns.apply([moved([77], 9)])).toBe(false)
    expect([...columns.status]).toEqual([5])
  })

  it('end as the last word of each host says, in whatever portions it comes', () => {
    const [below, columns] = [randomFrom(3), new Columns()]
    columns.take(packed(500))
    const said = new Map<number, number>()
    for (let turn = 0; turn < 300; turn += 1) {
      const ids = Array.from({ length: 1 + below(40) }, () => 5000 + below(500))
      const status = [7, 9, 104][below(3)] as number
      columns.apply([moved([...new Set(ids)], status)])
      ids.forEach((id) => said.set(id, status))
    }
    said.forEach((status, id) => expect(columns.status[columns.indexOfTask(id)]).toBe(status))
  })

  it('take 10,000 hosts and 2,000 changes at once', () => {
    const columns = new Columns()
    columns.take(packed(10_000))
    const change = moved(Array.from({ length: 2_000 }, (_, at) => 5000 + at * 5), 9)
    columns.apply([change])
    expect(Array.from(columns.status).filter((status) => status === 9)).toHaveLength(2_000)
  })
})

describe('hosts that are listed again', () => {
  it('keep what was told while the listing was on its way', () => {
    const [columns, meanwhile] = [new Columns(), new Meanwhile<MovedHosts>()]
    columns.take(packed(3))
    const told = (change: MovedHosts, isListing: boolean) => {
      meanwhile.note([change], isListing)
      columns.apply([change])
    }
    told(moved([5000], 9), false)
    told(moved([5001], 7), true)
    told(moved([5001, 5002], 9), true)
    const listing = { ...packed(3), status: [9, 5, 5] }
    columns.take(listing)
    columns.apply(meanwhile.over())
    expect([...columns.status]).toEqual([9, 9, 9])
    expect(meanwhile.over()).toEqual([])
  })

  it('forget what was told before, which the listing knows', () => {
    const meanwhile = new Meanwhile<number>()
    meanwhile.note([1], true)
    meanwhile.note([2], false)
    expect(meanwhile.over()).toEqual([])
  })
})

describe('hosts of an attempt that begins while they are looked at', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  /** Hosts of which a listing takes 400 ms and tells of the attempt that there was when it was asked for. */
  async function listed() {
    const [columns, client] = [new Columns(), new QueryClient()]
    const [page, at, asked] = [effectScope(), { attempt: 1 }, [] as number[]]
    const list = async () => {
      const { attempt } = at
      asked.push(attempt)
      await new Promise((resolve) => setTimeout(resolve, 400))
      return { attempt, version: '1:1:', total: 3, packed: true, columns: { ...packed(3), task_id: [attempt * 1_000, 1, 1] } }
    }
    const told = page.run(() => hear(columns, useQuery({ queryKey: ['hosts'], queryFn: list, structuralSharing: false }, client))) as (all: HostsMoved[]) => void
    await vi.advanceTimersByTimeAsync(500)
    asked.length = 0
    const tell = (column: MovedHosts | null) => told([{ event: 'hosts', topic: 'hosts:2@1', attempt: at.attempt, columns: column }])
    return { columns, at, asked, tell, end: () => { page.stop(); client.clear() } }
  }

  it('are shown though more is told of them all the time, and listed no more often than that takes', async () => {
    const { columns, at, asked, tell, end } = await listed()
    at.attempt = 2
    const seen: number[][] = []
    for (let turn = 0; turn < 12; turn += 1) {
      tell(turn === 0 ? null : moved([2000 + (turn % 3)], turn < 9 ? 7 : 9))
      await vi.advanceTimersByTimeAsync(250)
      seen.push([...columns.taskId])
    }
    expect(seen[2]).toEqual([2000, 2001, 2002])
    expect(asked).toEqual([2, 2])
    await vi.advanceTimersByTimeAsync(1_000)
    expect([...columns.status]).toEqual([9, 9, 9])
    end()
  })

  it('are listed once more when the listing that was on its way is of the attempt before', async () => {
    const { columns, at, asked, tell, end } = await listed()
    tell(moved([4711], 7))
    await vi.advanceTimersByTimeAsync(100)
    at.attempt = 2
    tell(null)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(asked).toEqual([1, 2])
    expect([...columns.taskId]).toEqual([2000, 2001, 2002])
    end()
  })
})
