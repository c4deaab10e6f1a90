/** Where a list of lines stands, between its scrollbar and its lines: a scrollbar of a million lines is scaled, its lines are not. */

/** Browsers lay out no taller boxes than some millions of pixels. */
export const MAX_BAR_PX = 4_000_000

export interface Frame {
  readonly rows: number
  readonly rowPx: number
  readonly viewPx: number
}

/** Return how tall the scrollbar's content is. */
export function barHeight(frame: Frame): number {
  return Math.min(MAX_BAR_PX, Math.max(frame.viewPx, frame.rows * frame.rowPx))
}

/** Return the last row (a fraction) that may stand at the top. */
export function lastTop(frame: Frame): number {
  return Math.max(0, frame.rows - frame.viewPx / frame.rowPx)
}

/** Return the row at the top (a fraction) for where the scrollbar stands. */
export function rowAt(frame: Frame, barPx: number): number {
  const room = barHeight(frame) - frame.viewPx
  return room <= 0 ? 0 : Math.min(1, Math.max(0, barPx / room)) * lastTop(frame)
}

/** Return where the scrollbar stands for the row at the top. */
export function barAt(frame: Frame, row: number): number {
  const last = lastTop(frame)
  return last === 0 ? 0 : (Math.min(last, Math.max(0, row)) / last) * (barHeight(frame) - frame.viewPx)
}

/** Return the row that has to stand at the top so that another one can be seen, with some rows around it. */
export function reveal(frame: Frame, top: number, row: number, around = 3): number {
  const visible = frame.viewPx / frame.rowPx
  const room = Math.min(around, Math.max(0, (visible - 1) / 2))
  if (row < top + room) return Math.max(0, row - room)
  if (row + 1 > top + visible - room) return Math.min(lastTop(frame), row + 1 - visible + room)
  return top
}
