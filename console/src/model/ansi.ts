/**
 * A line of output as spans of text with looks. Of escape sequences only colours and weight count, all others are dropped; control
 * characters become signs that can be seen. What scripts print is data: nothing here makes markup.
 */

/** Sixteen colours of both themes: 0–7, and 8–15 their bright ones; -1 is the text's own. */
export interface Look {
  readonly ink: number
  readonly paper: number
  readonly bold: boolean
  readonly dim: boolean
  readonly italic: boolean
  readonly underline: boolean
}

export interface Span {
  readonly text: string
  readonly look: Look
}

export const PLAIN: Look = { ink: -1, paper: -1, bold: false, dim: false, italic: false, underline: false }

// CSI, OSC and other strings (whole or cut at the end of the line), two-character escapes, a lone escape.
 
const ESCAPE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]+[0-~]?|[0-~])?/g
 
const CONTROL = /[\x00-\x08\x0a-\x1a\x1c-\x1f\x7f]/g

/** Return a line's spans; one that says nothing of looks is one span. */
export function spansOf(line: string): Span[] {
  const text = line.endsWith('\r') ? line.replace(/\r+$/, '') : line
  if (!text.includes('\x1b')) return text ? [{ text: seen(text), look: PLAIN }] : []
  const spans: Span[] = []
  let look = PLAIN
  let at = 0
  for (const found of text.matchAll(ESCAPE)) {
    push(spans, text.slice(at, found.index), look)
    at = found.index + found[0].length
    if (found[2] === 'm') look = lookAfter(look, found[1] ?? '')
  }
  push(spans, text.slice(at), look)
  return spans
}

/** Return a line without escape sequences, with its control characters made visible. */
export function plainOf(line: string): string {
  const text = line.endsWith('\r') ? line.replace(/\r+$/, '') : line
  return seen(text.includes('\x1b') ? text.replace(ESCAPE, '') : text)
}

function push(spans: Span[], text: string, look: Look): void {
  if (text) spans.push({ text: seen(text), look })
}

function seen(text: string): string {
  return text.replace(CONTROL, (one) => String.fromCharCode(one === '\x7f' ? 0x2421 : 0x2400 + one.charCodeAt(0)))
}

function lookAfter(look: Look, codes: string): Look {
  const numbers = codes.split(/[;:]/).map((code) => (/^\d{1,3}$/.test(code) ? Number(code) : 0))
  let now = look
  for (let at = 0; at < numbers.length; at += 1) {
    const code = numbers[at] as number
    if (code === 38 || code === 48) {
      const [colour, taken] = longColour(numbers.slice(at + 1))
      if (colour !== undefined) now = code === 38 ? { ...now, ink: colour } : { ...now, paper: colour }
      at += taken
    } else now = simple(now, code)
  }
  return now
}

function simple(look: Look, code: number): Look {
  if (code >= 30 && code <= 37) return { ...look, ink: code - 30 }
  if (code >= 90 && code <= 97) return { ...look, ink: code - 82 }
  if (code >= 40 && code <= 47) return { ...look, paper: code - 40 }
  if (code >= 100 && code <= 107) return { ...look, paper: code - 92 }
  switch (code) {
    case 0: return PLAIN
    case 1: return { ...look, bold: true }
    case 2: return { ...look, dim: true }
    case 3: return { ...look, italic: true }
    case 4: return { ...look, underline: true }
    case 7: return { ...look, ink: look.paper, paper: look.ink }
    case 22: return { ...look, bold: false, dim: false }
    case 23: return { ...look, italic: false }
    case 24: return { ...look, underline: false }
    case 39: return { ...look, ink: -1 }
    case 49: return { ...look, paper: -1 }
    default: return look
  }
}

// 38;5;N and 38;2;R;G;B: the nearest of the sixteen, which can be read in both themes.
function longColour(rest: readonly number[]): [number | undefined, number] {
  const [kind, first = 0, second = 0, third = 0] = rest
  if (kind === 5) return [first < 16 ? first : nearest(...cube(first)), 2]
  if (kind === 2) return [nearest(first, second, third), 4]
  return [undefined, 0]
}

function cube(index: number): [number, number, number] {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10
    return [grey, grey, grey]
  }
  const level = (part: number) => (part === 0 ? 0 : 55 + part * 40)
  const rest = index - 16
  return [level(Math.floor(rest / 36)), level(Math.floor(rest / 6) % 6), level(rest % 6)]
}

function nearest(red: number, green: number, blue: number): number {
  const most = Math.max(red, green, blue)
  if (most - Math.min(red, green, blue) < 32) return most < 64 ? 0 : most < 128 ? 8 : most < 200 ? 7 : 15
  const half = most / 2
  const base = (red > half ? 1 : 0) + (green > half ? 2 : 0) + (blue > half ? 4 : 0)
  return most > 200 ? base + 8 : base
}

/** Return the class names of a look. */
export function classesOf(look: Look): string {
  if (look === PLAIN) return ''
  const names = [
    look.ink >= 0 && `ink-${look.ink}`, look.paper >= 0 && `paper-${look.paper}`,
    look.bold && 'a-bold', look.dim && 'a-dim', look.italic && 'a-italic', look.underline && 'a-under',
  ]
  return names.filter(Boolean).join(' ')
}

export interface Marked extends Span {
  /** Which of the places this is a part of; -1 for none. */
  readonly mark: number
}

/** Cut spans where places begin and end; places are (first, end) in the text of all spans, in order. */
export function markSpans(spans: readonly Span[], places: readonly (readonly [number, number])[]): Marked[] {
  const found: Marked[] = []
  let offset = 0
  for (const span of spans) {
    let at = 0
    while (at < span.text.length) {
      const here = offset + at
      const mark = places.findIndex(([first, end]) => first <= here && here < end)
      const next = mark >= 0 ? (places[mark] as readonly [number, number])[1] : Math.min(Infinity, ...places.map(([first]) => first).filter((first) => first > here))
      const end = Math.min(span.text.length, next - offset)
      found.push({ text: span.text.slice(at, end), look: span.look, mark })
      at = end
    }
    offset += span.text.length
  }
  return found
}
