import { describe, expect, it } from 'vitest'
import { randomFrom } from './random'
import { FrameReader } from './sse'

const STREAM = 'event: ready\ndata: {"gone":[]}\n\nevent: hosts\ndata: {"topic":"a: b"}\nid: 1:2:\n\n: alive\nid: 1:3:2\n\n'

describe('frames of a stream', () => {
  it('are read wherever the stream is cut', () => {
    const below = randomFrom(7)
    const whole = new FrameReader().feed(STREAM)
    for (let turn = 0; turn < 200; turn += 1) {
      const reader = new FrameReader()
      const cut = below(STREAM.length)
      const again = cut + below(STREAM.length - cut)
      const pieces = [STREAM.slice(0, cut), STREAM.slice(cut, again), STREAM.slice(again)]
      expect(pieces.flatMap((piece) => reader.feed(piece))).toEqual(whole)
    }
  })

  it('have a name, data and an id, and a sign of life has only how far one is', () => {
    expect(new FrameReader().feed(STREAM)).toEqual([
      { event: 'ready', data: '{"gone":[]}', id: '' },
      { event: 'hosts', data: '{"topic":"a: b"}', id: '1:2:' },
      { event: '', data: '', id: '1:3:2' },
    ])
  })

  it('wait for their end', () => {
    const reader = new FrameReader()
    expect(reader.feed('event: run\ndata: {}\n')).toEqual([])
    expect(reader.feed('\n')).toHaveLength(1)
  })
})
