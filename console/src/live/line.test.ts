// The line against a real HTTP server of Node, which streams, falls silent and goes away as a test says.
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Line, type LineStatus, type Listener, type Polled, type Server, type Told } from './line'

class Origin {
  readonly asked: { topics: string; after: string }[] = []
  readonly polled: string[] = []
  isOpen = true
  answer: Polled = { cursor: '9:9:', reset: false, gone: [], events: [] }
  private readonly streams: ServerResponse[] = []
  private readonly http: HttpServer = createServer((request, response) => this.serve(request, response))

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.http.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`
  }

  send(text: string): void {
    this.streams.at(-1)?.write(text)
  }

  cut(): void {
    this.streams.at(-1)?.destroy()
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections()
    await new Promise((resolve) => this.http.close(resolve))
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const query = new URL(request.url ?? '', this.url).searchParams
    const [topics, after] = [query.get('topics') ?? '', query.get('after') ?? '']
    if (request.url?.startsWith('/poll')) {
      this.polled.push(after)
      response.end(JSON.stringify(this.answer))
    } else if (!this.isOpen) {
      response.writeHead(503).end()
    } else {
      this.asked.push({ topics, after })
      this.streams.push(response)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: ready\ndata: {"gone":["run:404"],"resumed":true}\n\n')
    }
  }
}

function serverOf(origin: Origin): Server {
  const query = (topics: string, after: string) => new URLSearchParams({ topics, after })
  return {
    stream: (topics, after, signal) => fetch(`${origin.url}/?${query(topics, after)}`, { signal }),
    poll: async (topics, after, signal) => (await fetch(`${origin.url}/poll?${query(topics, after)}`, { signal })).json() as Promise<Polled>,
    ended: () => undefined,
  }
}

class Heard implements Listener {
  readonly events: string[] = []
  anews = 0
  isGone = false
  constructor(readonly topic: string, readonly after = '') {}
  told(told: Told): void {
    this.events.push(told.event)
  }
  anew(): void {
    this.anews += 1
  }
  gone(): void {
    this.isGone = true
  }
}

async function until(test: () => boolean, what: string): Promise<void> {
  for (let turn = 0; turn < 400; turn += 1) {
    if (test()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`not in time: ${what}`)
}

const frame = (event: string, topic: string, id: string) => `event: ${event}\ndata: ${JSON.stringify({ event, topic })}\nid: ${id}\n\n`

describe('the line', () => {
  let origin: Origin
  let line: Line
  let statuses: LineStatus[]
  let leave: (() => void)[]
  const state = () => statuses.at(-1)?.state
  const open = (silenceMs = 30_000) => new Line(serverOf(origin), (status) => statuses.push(status), { silenceMs, now: () => Date.now(), chance: () => 0 })

  beforeEach(async () => {
    origin = new Origin()
    await origin.start()
    ;[statuses, leave] = [[], []]
    line = open()
  })
  afterEach(async () => {
    leave.forEach((end) => end())
    await origin.stop()
  })
  const listen = (...all: Heard[]) => all.forEach((one) => leave.push(line.listen(one)))

  it('opens one stream for all who listen, from the earliest cursor, and tells each of its own', async () => {
    const [run, hosts] = [new Heard('run:1', '5:9:'), new Heard('hosts:2@1', '5:7:')]
    listen(run, hosts)
    await until(() => state() === 'live', 'live')
    origin.send(frame('run', 'run:1', '5:10:') + frame('hosts', 'hosts:2@1', '5:11:'))
    await until(() => hosts.events.length === 1, 'told')
    expect(run.events).toEqual(['run'])
    expect(origin.asked).toEqual([{ topics: 'run:1,hosts:2@1', after: '5:7:' }])
  })

  it('has read anew what was read before the first stream was open, and nothing after it', async () => {
    const [list, other] = [new Heard('inbox:biz:2'), new Heard('runs:biz:2')]
    listen(list)
    await until(() => list.anews === 1, 'read anew')
    origin.send(frame('inbox', 'inbox:biz:2', '5:12:'))
    await until(() => list.events.length === 1, 'told')
    listen(other)
    await until(() => origin.asked.length === 2, 'again')
    origin.send(frame('runs', 'runs:biz:2', '5:13:'))
    await until(() => other.events.length === 1, 'told, too')
    expect(origin.asked[1]?.after).toBe('5:12:')
    expect([list.anews, other.anews]).toEqual([1, 0])
  })

  it('goes on from where it was cut, not from where its listeners began', async () => {
    const run = new Heard('run:1', '5:7:')
    listen(run)
    await until(() => state() === 'live', 'live')
    // In one piece: how many pieces a busy machine makes of two is not ours to say.
    origin.send(`${frame('run', 'run:1', '5:11:')}: alive\nid: 5:12:\n\n`)
    await until(() => run.events.length === 1, 'heard')
    await new Promise((resolve) => setTimeout(resolve, 30))
    origin.cut()
    await until(() => origin.asked.length === 2, 'again')
    expect(origin.asked[1]?.after).toBe('5:12:')
    expect(statuses.map((one) => one.state)).toContain('paused')
  })

  it('takes who comes later along, from their cursor', async () => {
    const run = new Heard('run:1', '5:7:')
    listen(run)
    await until(() => state() === 'live', 'live')
    origin.send(frame('run', 'run:1', '5:11:'))
    await until(() => run.events.length === 1, 'heard')
    listen(new Heard('hosts:2@1', '5:9:'))
    await until(() => origin.asked.length === 2, 'reopened')
    expect(origin.asked[1]).toEqual({ topics: 'run:1,hosts:2@1', after: '5:9:' })
  })

  it('says who is gone and that something is missing', async () => {
    const [here, gone] = [new Heard('run:1'), new Heard('run:404')]
    listen(here, gone)
    await until(() => state() === 'live', 'live')
    origin.send('event: reset\ndata: {}\nid: 7:7:\n\n')
    await until(() => here.anews === 1, 'anew')
    expect([here.isGone, gone.isGone]).toEqual([false, true])
  })

  it('takes silence for the end of a stream', async () => {
    line = open(120)
    listen(new Heard('run:1'))
    await until(() => origin.asked.length === 2, 'reopened')
    expect(statuses.some((one) => one.state === 'paused' && one.heardAt > 0)).toBe(true)
  })

  it('asks piece by piece while it has no stream', async () => {
    const run = new Heard('run:1', '5:7:')
    origin.isOpen = false
    origin.answer = { cursor: '8:8:', reset: false, gone: [], events: [{ event: 'run', topic: 'run:1' }] }
    listen(run)
    await until(() => run.events.length === 1, 'polled')
    expect(origin.polled).toEqual(['5:7:'])
    expect(state()).toBe('paused')
    origin.isOpen = true
    await until(() => state() === 'live', 'live')
    expect(origin.asked.at(-1)?.after).toBe('8:8:')
  })

  it('has read anew what was read before the first answer of its asking, and not once more when the stream is open', async () => {
    const list = new Heard('inbox:biz:2')
    origin.isOpen = false
    listen(list)
    await until(() => list.anews === 1, 'read anew')
    origin.isOpen = true
    await until(() => state() === 'live', 'live')
    expect([origin.asked.at(-1)?.after, list.anews]).toEqual(['9:9:', 1])
  })

  it('is closed while nobody looks, and goes on where it was', async () => {
    listen(new Heard('run:1', '5:7:'))
    await until(() => state() === 'live', 'live')
    origin.send(frame('run', 'run:1', '5:11:'))
    await until(() => statuses.length > 2, 'heard')
    line.show(false)
    await until(() => state() === 'off', 'off')
    line.show(true)
    await until(() => origin.asked.length === 2, 'again')
    expect(origin.asked[1]?.after).toBe('5:11:')
  })
})
