/** Cursors of the event stream: `oldest:after:open,open`; of two, the later one contains the earlier one. */

function order(cursor: string): readonly [bigint, number] {
  const [, after = '0', open = ''] = cursor.split(':')
  return [BigInt(/^\d+$/.test(after) ? after : '0'), open === '' ? 0 : -open.split(',').length]
}

/** Return the earliest of cursors; '' when there is none. */
export function earliest(cursors: readonly string[]): string {
  const known = cursors.filter((cursor) => cursor !== '')
  return known.reduce((first, cursor) => (isBefore(cursor, first) ? cursor : first), known[0] ?? '')
}

/** Tell whether a cursor is earlier than another one. */
export function isBefore(one: string, other: string): boolean {
  const [[after, open], [otherAfter, otherOpen]] = [order(one), order(other)]
  return after === otherAfter ? open < otherOpen : after < otherAfter
}
