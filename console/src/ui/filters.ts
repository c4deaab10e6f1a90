/** What a list can be filtered by. */

export interface Filter {
  /** The name in the query of the address. */
  readonly name: string
  readonly label: string
  /** Given: one of these; else any text. */
  readonly options?: readonly { readonly value: string; readonly label: string }[] | undefined
  /** Several at once, joined by commas. */
  readonly many?: boolean
  readonly placeholder?: string
  /** The words for what holds while nothing is chosen: a list that leaves something out says so. */
  readonly usual?: string
  /** Says a value that is none of the options. */
  readonly words?: (value: string) => string
  /** It comes with an address only: it is shown while it holds, and not offered. */
  readonly isGiven?: boolean
  /** A moment: its field has the clocks of the viewer's zone, its value is epoch milliseconds. Options stand above the field. */
  readonly isMoment?: boolean
}
