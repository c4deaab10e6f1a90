/** Server-sent events, read piece by piece. */

export interface StreamFrame {
  /** '' for what only carries an id, or nothing: a sign of life. */
  readonly event: string
  readonly data: string
  readonly id: string
}

/** Read events out of the pieces of a stream, wherever it is cut. */
export class FrameReader {
  private rest = ''

  /** Return the events that are whole by now. */
  feed(piece: string): StreamFrame[] {
    const parts = (this.rest + piece).split('\n\n')
    this.rest = parts.pop() ?? ''
    return parts.map(frameOf)
  }
}

function frameOf(text: string): StreamFrame {
  const fields: Record<string, string> = { event: '', data: '', id: '' }
  for (const line of text.split('\n')) {
    const at = line.indexOf(':')
    const name = line.slice(0, Math.max(0, at))
    if (at > 0 && name in fields) fields[name] = line.slice(at + 1).replace(/^ /, '')
  }
  return { event: fields['event'] ?? '', data: fields['data'] ?? '', id: fields['id'] ?? '' }
}
