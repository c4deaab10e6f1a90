/** Painting of the grid: squares by kind, so that a colour is set once; then marks; no object a host. */

import { OUTLINES } from '@/model/glyphs'
import { cellAt, cellOf, type Layout } from '@/model/grid'
import { GLYPH_FROM_PX, squareOf } from '@/model/squares'
import { WORST_FIRST, glyphOf, type Token } from '@/model/status'

export interface Palette {
  readonly fills: Readonly<Record<Token, string>>
  readonly strokes: Readonly<Record<Token, string>>
  readonly text: string
  readonly accent: string
  readonly font: string
}

export interface Marks {
  /** The square that is open, and where the keyboard is; -1 for none. */
  readonly current: number
  readonly cursor: number
  /** Squares that are chosen. */
  readonly chosen: ReadonlySet<number>
}

/** Read the colours of the theme that is on. */
export function readPalette(element: Element): Palette {
  const style = getComputedStyle(element)
  const read = (name: string) => style.getPropertyValue(name).trim()
  const fills = Object.fromEntries(WORST_FIRST.map((token) => [token, read(`--grid-${token}`)])) as Record<Token, string>
  const strokes = Object.fromEntries(WORST_FIRST.map((token) => [token, read(`--grid-on-${token}`)])) as Record<Token, string>
  return { fills, strokes, text: read('--muted'), accent: read('--focus'), font: `11px ${read('--font')}` }
}

/** Paint the whole grid; `kinds` has an index in WORST_FIRST for every square. */
export function paint(context: CanvasRenderingContext2D, layout: Layout, kinds: Uint8Array, palette: Palette, marks: Marks): void {
  const { canvas } = context
  context.clearRect(0, 0, canvas.width, canvas.height)
  paintLabels(context, layout, palette)
  for (const [kind, token] of WORST_FIRST.entries()) paintKind(context, layout, kinds, kind, token, palette)
  paintMarks(context, layout, palette, marks)
}

function paintLabels(context: CanvasRenderingContext2D, layout: Layout, palette: Palette): void {
  if (layout.left === 0) return
  context.fillStyle = palette.text
  context.font = palette.font
  context.textBaseline = 'middle'
  let free = -1
  for (const section of layout.sections) {
    const middle = section.top + Math.max(layout.pitch, 10) / 2
    if (section.cells > 0 && middle - 6 >= free) {
      context.fillText(fitting(context, section.label, layout.left - 4), 0, middle)
      free = middle + 6
    }
  }
}

// A name that is too long ends in dots; squares say it whole.
function fitting(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text
  let kept = text.length - 1
  while (kept > 1 && context.measureText(`${text.slice(0, kept)}…`).width > room) kept -= 1
  return `${text.slice(0, kept)}…`
}

function paintKind(context: CanvasRenderingContext2D, layout: Layout, kinds: Uint8Array, kind: number, token: Token, palette: Palette): void {
  const { inset, edge } = squareOf(token, layout.pitch)
  const glyph = layout.pitch >= GLYPH_FROM_PX && token !== 'ok' ? new Path2D(OUTLINES[glyphOf(token)]) : null
  context.fillStyle = palette.fills[token]
  context.strokeStyle = palette.strokes[token]
  each(layout, (cell, x, y) => {
    if (kinds[cell] !== kind) return
    context.fillRect(x + inset, y + inset, edge, edge)
    if (glyph !== null) strokeGlyph(context, glyph, x + inset, y + inset, edge)
  })
}

function strokeGlyph(context: CanvasRenderingContext2D, glyph: Path2D, x: number, y: number, edge: number): void {
  const size = Math.min(edge, 16)
  context.save()
  context.translate(x + (edge - size) / 2, y + (edge - size) / 2)
  context.scale(size / 16, size / 16)
  context.lineWidth = 2
  context.stroke(glyph)
  context.restore()
}

/** Call for every square with its corner, section by section: cheaper than looking each one up. */
function each(layout: Layout, run: (cell: number, x: number, y: number) => void): void {
  for (const section of layout.sections) {
    for (let inside = 0; inside < section.cells; inside += 1) {
      const row = Math.floor(inside / layout.columns)
      run(section.firstCell + inside, layout.left + (inside - row * layout.columns) * layout.pitch, section.top + row * layout.pitch)
    }
  }
}

function paintMarks(context: CanvasRenderingContext2D, layout: Layout, palette: Palette, marks: Marks): void {
  context.strokeStyle = palette.accent
  context.lineWidth = layout.pitch >= 8 ? 2 : 1
  for (const cell of marks.chosen) outline(context, layout, cell, 0)
  if (marks.current >= 0) outline(context, layout, marks.current, 1)
  if (marks.cursor < 0) return
  context.setLineDash([3, 2])
  outline(context, layout, marks.cursor, 2)
  context.setLineDash([])
}

function outline(context: CanvasRenderingContext2D, layout: Layout, cell: number, wider: number): void {
  if (cell >= layout.cells) return
  const { x, y } = cellAt(layout, cell)
  context.strokeRect(x - wider + 0.5, y - wider + 0.5, layout.pitch - 1 + wider * 2 - 0.5, layout.pitch - 1 + wider * 2 - 0.5)
}

/** The squares of positions. */
export function cellsOf(layout: Layout, positions: Iterable<number>): Set<number> {
  const cells = new Set<number>()
  for (const position of positions) cells.add(cellOf(layout, position))
  return cells
}
