/** A column of a table. */

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
