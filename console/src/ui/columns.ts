/** The columns of a table, and which of its rows are ticked. */

export interface Column<Row> {
  readonly key: string
  readonly label: string
  /** What the cell says where there is no slot `cell-<key>`. */
  readonly text?: (row: Row) => string | number | undefined
  readonly align?: 'right' | 'wrap'
  readonly width?: string
  /** It takes what the others leave, and is cut where they need it. */
  readonly fills?: boolean
  /** A heading for readers only. */
  readonly unseen?: boolean
}

type Key = string | number

/** Return how many of the ticked rows are on this page, and how many on others. */
export function tickedOf(selected: readonly Key[], page: readonly Key[]): { readonly here: number; readonly elsewhere: number } {
  const shown = new Set(page)
  const here = selected.filter((one) => shown.has(one)).length
  return { here, elsewhere: selected.length - here }
}

/** Tick all rows of a page, or none of them; what is ticked on other pages stays. */
export function tickPage(selected: readonly Key[], page: readonly Key[], on: boolean): Key[] {
  const shown = new Set(page)
  const others = selected.filter((one) => !shown.has(one))
  return on ? [...others, ...page] : others
}
