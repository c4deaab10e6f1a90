// Where the squares of a grid of hosts stand, how many hosts each one shows, and what is under the pointer.
//
// A grid shows positions 0 … n-1 of some order of hosts, cut into sections. It knows nothing of statuses or colours.

export interface Section {
  readonly label: string
  /** How many hosts; they follow those of the section before. */
  readonly count: number
}

export interface PlacedSection extends Section {
  /** Position of its first host, its first square in the whole grid, and its top edge in px. */
  readonly first: number
  readonly firstCell: number
  readonly cells: number
  readonly top: number
}

export interface Layout {
  /** Edge of a square with its gap, px. */
  readonly pitch: number
  /** Hosts that a square shows; more than 1 above the grid's capacity. */
  readonly hostsPerCell: number
  readonly columns: number
  readonly cells: number
  readonly height: number
  readonly left: number
  readonly sections: readonly PlacedSection[]
}

export interface Room {
  readonly width: number
  readonly height: number
  /** Room for labels at the left, px; 0 without labels. */
  readonly left: number
}

const LARGEST = 28
const SMALLEST = 4
const GAP = 6

/** Place sections with the largest squares that fit; when the smallest do not, a square shows several hosts. */
export function layOut(sections: readonly Section[], room: Room): Layout {
  const counts = sections.map((section) => section.count)
  for (let pitch = LARGEST; pitch >= SMALLEST; pitch -= 1) {
    if (heightOf(counts, pitch, 1, room) <= room.height) return place(sections, pitch, 1, room)
  }
  return place(sections, SMALLEST, fewestPerCell(counts, room), room)
}

// Grows by halves, then the caller sees at most half as many hosts in a square again as were needed.
function fewestPerCell(counts: readonly number[], room: Room): number {
  const most = Math.max(...counts, 1)
  let hosts = 2
  while (hosts < most && heightOf(counts, SMALLEST, hosts, room) > room.height) hosts += Math.max(1, hosts >> 1)
  return hosts
}

function columnsOf(pitch: number, room: Room): number {
  return Math.max(1, Math.floor((room.width - room.left) / pitch))
}

function heightOf(counts: readonly number[], pitch: number, hosts: number, room: Room): number {
  const columns = columnsOf(pitch, room)
  const rows = counts.reduce((sum, count) => sum + Math.ceil(Math.ceil(count / hosts) / columns), 0)
  return rows * pitch + Math.max(0, counts.length - 1) * gapOf(pitch)
}

function gapOf(pitch: number): number {
  return Math.min(GAP, pitch)
}

function place(sections: readonly Section[], pitch: number, hosts: number, room: Room): Layout {
  const columns = columnsOf(pitch, room)
  const placed: PlacedSection[] = []
  let [first, firstCell, top] = [0, 0, 0]
  for (const section of sections) {
    const cells = Math.ceil(section.count / hosts)
    placed.push({ ...section, first, firstCell, cells, top })
    first += section.count
    firstCell += cells
    top += Math.ceil(cells / columns) * pitch + gapOf(pitch)
  }
  const height = Math.max(0, top - gapOf(pitch))
  return { pitch, hostsPerCell: hosts, columns, cells: firstCell, height, left: room.left, sections: placed }
}

/** The section that a square belongs to. */
export function sectionOfCell(layout: Layout, cell: number): PlacedSection | undefined {
  return layout.sections.find((section) => cell >= section.firstCell && cell < section.firstCell + section.cells)
}

/** The left and top edge of a square, px. */
export function cellAt(layout: Layout, cell: number): { x: number; y: number } {
  const section = sectionOfCell(layout, cell)
  if (section === undefined) return { x: layout.left, y: 0 }
  const inside = cell - section.firstCell
  const row = Math.floor(inside / layout.columns)
  return { x: layout.left + (inside % layout.columns) * layout.pitch, y: section.top + row * layout.pitch }
}

/** The square under a point, or null where none is. */
export function hit(layout: Layout, x: number, y: number): number | null {
  const column = Math.floor((x - layout.left) / layout.pitch)
  if (column < 0 || column >= layout.columns || y < 0) return null
  for (const section of layout.sections) {
    const row = Math.floor((y - section.top) / layout.pitch)
    const inside = row * layout.columns + column
    if (row >= 0 && inside < section.cells && row < Math.ceil(section.cells / layout.columns)) return section.firstCell + inside
  }
  return null
}

/** The positions that a square shows, from `from` to before `to`. */
export function positionsOf(layout: Layout, cell: number): { from: number; to: number } {
  const section = sectionOfCell(layout, cell)
  if (section === undefined) return { from: 0, to: 0 }
  const from = section.first + (cell - section.firstCell) * layout.hostsPerCell
  return { from, to: Math.min(from + layout.hostsPerCell, section.first + section.count) }
}

/** The square that shows a position. */
export function cellOf(layout: Layout, position: number): number {
  const section = layout.sections.find((one) => position >= one.first && position < one.first + one.count)
  return section === undefined ? 0 : section.firstCell + Math.floor((position - section.first) / layout.hostsPerCell)
}

export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last'

/** The square that an arrow leads to; at the edges it stays. */
export function moved(layout: Layout, cell: number, step: Step): number {
  const last = Math.max(0, layout.cells - 1)
  if (step === 'first') return 0
  if (step === 'last') return last
  if (step === 'left') return Math.max(0, cell - 1)
  if (step === 'right') return Math.min(last, cell + 1)
  return rowAway(layout, cell, step === 'up' ? -1 : 1)
}

// Rows of neighbouring sections are of different length: the nearest square of the row that is meant.
function rowAway(layout: Layout, cell: number, away: -1 | 1): number {
  const section = sectionOfCell(layout, cell)
  if (section === undefined) return cell
  const inside = cell - section.firstCell
  const column = inside % layout.columns
  const row = Math.floor(inside / layout.columns) + away
  if (row >= 0 && row < rowsOf(section, layout)) return inRow(layout, section, row, column)
  const beside = neighbour(layout, section, away)
  return beside === undefined ? cell : inRow(layout, beside, away < 0 ? rowsOf(beside, layout) - 1 : 0, column)
}

function rowsOf(section: PlacedSection, layout: Layout): number {
  return Math.ceil(section.cells / layout.columns)
}

function inRow(layout: Layout, section: PlacedSection, row: number, column: number): number {
  return section.firstCell + Math.min(row * layout.columns + column, section.cells - 1)
}

function neighbour(layout: Layout, section: PlacedSection, away: -1 | 1): PlacedSection | undefined {
  let place = layout.sections.indexOf(section) + away
  while (layout.sections[place]?.cells === 0) place += away
  return layout.sections[place]
}

/** The squares of a rectangle that was drawn with the pointer, in their order. */
export function cellsIn(layout: Layout, x1: number, y1: number, x2: number, y2: number): number[] {
  const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)]
  const [top, bottom] = [Math.min(y1, y2), Math.max(y1, y2)]
  const found: number[] = []
  for (let cell = 0; cell < layout.cells; cell += 1) {
    const { x, y } = cellAt(layout, cell)
    if (x < right && x + layout.pitch > left && y < bottom && y + layout.pitch > top) found.push(cell)
  }
  return found
}
