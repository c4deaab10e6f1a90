/**
 * One connection to the event stream: opens it, goes on where it was cut, and says when it is stale.
 *
 * What follows hands its topics in and is told by topic; the line knows nothing of runs or hosts. While no stream can be had it asks piece by piece,
 * by the same cursor.
 */

import { pauseMs } from '@/model/backoff'
import { earliest } from '@/model/cursor'
import { FrameReader, type StreamFrame } from '@/model/sse'

export interface Told {
  readonly event: string
  readonly topic: string
}

export interface Listener {
  readonly topic: string
  /** Up to when the listener knows; '' for one that does not say: it reads anew when the tab's first stream is open. */
  readonly after: string
  told(told: Told): void
  /** Something is missing: read anew. */
  anew(): void
  /** The topic does not exist, or not for who asks. */
  gone(): void
}

export interface Server {
  stream(topics: string, after: string, signal: AbortSignal): Promise<Response>
  poll(topics: string, after: string, signal: AbortSignal): Promise<Polled>
  /** The stream says that who reads it may not any more. */
  ended(): void
}

export interface Polled {
  readonly cursor: string
  readonly reset: boolean
  readonly gone: readonly string[]
  readonly events: readonly Told[]
}

export type LineState = 'off' | 'opening' | 'live' | 'paused'

export interface LineStatus {
  readonly state: LineState
  /** When something was heard last (epoch ms); 0 for never. */
  readonly heardAt: number
}

export interface Terms {
  /** Silence after which a stream counts as dead. */
  readonly silenceMs: number
  now(): number
  chance(): number
}

const USUAL: Terms = { silenceMs: 30_000, now: () => Date.now(), chance: () => Math.random() }

export class Line {
  private readonly listeners = new Set<Listener>()
  /** Those who have not been part of a stream yet: what they know reaches only to their own cursor. */
  private readonly fresh = new Set<Listener>()
  private cursor = ''
  private cutter = new AbortController()
  private isRunning = false
  private isShown = true
  private status: LineStatus = { state: 'off', heardAt: 0 }
  private tries = 0

  constructor(
    private readonly server: Server,
    private readonly onStatus: (status: LineStatus) => void,
    private readonly terms: Terms = USUAL,
  ) {}

  /** Listen; return what ends it. */
  listen(listener: Listener): () => void {
    this.listeners.add(listener)
    this.fresh.add(listener)
    this.reopen()
    return () => {
      this.listeners.delete(listener)
      this.fresh.delete(listener)
      this.reopen()
    }
  }

  /** Close the line while nobody looks, and go on when somebody does. */
  show(isShown: boolean): void {
    if (isShown === this.isShown) return
    this.isShown = isShown
    this.reopen()
  }

  private get isWanted(): boolean {
    return this.isShown && this.listeners.size > 0
  }

  private reopen(): void {
    this.cutter.abort()
    this.cutter = new AbortController()
    // Several listeners come within one tick: they get one stream.
    queueMicrotask(() => this.run())
  }

  private async run(): Promise<void> {
    if (this.isRunning) return
    this.isRunning = true
    while (this.isWanted) await this.turn(this.cutter.signal)
    this.isRunning = false
    if (this.listeners.size === 0) this.cursor = ''
    this.tell('off')
  }

  /** Read one stream to its end; when that was none, pause, and ask for what is new meanwhile. */
  private async turn(signal: AbortSignal): Promise<void> {
    this.tell(this.status.state === 'paused' ? 'paused' : 'opening')
    const wasGood = await this.read(signal)
    if (signal.aborted) return
    this.tell('paused')
    this.tries = wasGood ? 0 : this.tries + 1
    await pause(pauseMs(this.tries, this.terms.chance()), signal)
    if (this.tries > 1 && !signal.aborted) await this.ask(signal).catch(() => undefined)
  }

  private async read(signal: AbortSignal): Promise<boolean> {
    const own = new AbortController()
    const watch = setInterval(() => {
      if (this.terms.now() - heardAt > this.terms.silenceMs) own.abort()
    }, Math.min(1_000, this.terms.silenceMs / 4))
    let [heardAt, isHeard] = [this.terms.now(), false]
    const joining = [...this.fresh]
    const blind = this.blind(joining)
    try {
      const answer = await this.server.stream(this.topics(), this.after(), AbortSignal.any([signal, own.signal]))
      if (answer.status === 401) this.server.ended()
      if (!answer.ok || !answer.body) return false
      const [reader, text, frames] = [answer.body.getReader(), new TextDecoder(), new FrameReader()]
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        heardAt = this.terms.now()
        isHeard = true
        for (const frame of frames.feed(text.decode(piece.value, { stream: true }))) this.take(frame, joining, blind)
        this.tell('live', heardAt)
      }
      return isHeard
    } catch {
      return isHeard
    } finally {
      clearInterval(watch)
      own.abort()
    }
  }

  private async ask(signal: AbortSignal): Promise<void> {
    const joining = [...this.fresh]
    const blind = this.blind(joining)
    const polled = await this.server.poll(this.topics(), this.after(), signal)
    if (signal.aborted) return
    this.dismiss(polled.gone)
    if (polled.reset) this.anew()
    else this.readAnew(blind)
    for (const told of polled.events) this.pass(told)
    this.reached(polled.cursor, joining)
    this.tell('paused', this.terms.now())
  }

  private topics(): string {
    return [...new Set([...this.listeners].map((one) => one.topic))].join(',')
  }

  private after(): string {
    return earliest([this.cursor, ...[...this.fresh].map((one) => one.after)])
  }

  /** Return who listens without knowing since when: what happened between their look and the line's first word is told to nobody. */
  private blind(joining: readonly Listener[]): readonly Listener[] {
    return this.after() === '' ? joining : []
  }

  private readAnew(blind: readonly Listener[]): void {
    for (const one of blind) if (this.listeners.has(one)) one.anew()
  }

  private reached(cursor: string, joined: readonly Listener[]): void {
    this.cursor = cursor
    for (const one of joined) this.fresh.delete(one)
  }

  private take(frame: StreamFrame, joining: readonly Listener[], blind: readonly Listener[]): void {
    if (frame.event === 'reset') this.anew()
    else if (frame.event === 'end') this.server.ended()
    else if (frame.event === 'ready') {
      this.dismiss((JSON.parse(frame.data) as { gone: string[] }).gone)
      this.readAnew(blind)
    } else if (frame.event !== '') this.pass(JSON.parse(frame.data) as Told)
    if (frame.id !== '') this.reached(frame.id, joining)
  }

  private pass(told: Told): void {
    for (const listener of [...this.listeners]) if (listener.topic === told.topic) listener.told(told)
  }

  private anew(): void {
    this.cursor = ''
    for (const listener of [...this.listeners]) listener.anew()
  }

  private dismiss(gone: readonly string[]): void {
    for (const listener of [...this.listeners]) if (gone.includes(listener.topic)) listener.gone()
  }

  private tell(state: LineState, heardAt = this.status.heardAt): void {
    if (state === this.status.state && heardAt === this.status.heardAt) return
    this.status = { state, heardAt }
    this.onStatus(this.status)
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}
