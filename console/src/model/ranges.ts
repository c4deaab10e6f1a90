// Folding of many addresses or ids into few words, such as `10.20.7.[3-7,9]`, and back.
//
// Only the last part of an IPv4 address folds, so that a folded text names exactly the hosts it was made of and is accepted as a target
// everywhere. IPv6 addresses and names stay as they are.

const IPV4 = /^(?:(\d+):)?(\d{1,3}\.\d{1,3}\.\d{1,3}\.)(\d{1,3})$/
const FOLDED = /^((?:\d+:)?(?:\d{1,3}\.){3})?\[([\d,-]+)\]$/
const MOST = 1_000_000

/** Fold numbers into `3-7,9`; they are sorted, and each is named once. */
export function foldNumbers(numbers: Iterable<number>): string {
  const sorted = [...new Set(numbers)].sort((a, b) => a - b)
  const parts: string[] = []
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] as number
    let last = first
    while (sorted[++at] === last + 1) last += 1
    parts.push(last === first ? `${first}` : `${first}-${last}`)
  }
  return parts.join(',')
}

/** Fold addresses (`10.0.0.1`, `3:10.0.0.1`) by their first three parts; what is no IPv4 address comes last, as it is. */
export function foldAddresses(addresses: Iterable<string>): string[] {
  const groups = new Map<string, number[]>()
  const others = new Set<string>()
  for (const address of addresses) {
    const found = IPV4.exec(address)
    if (found === null || Number(found[3]) > 255) {
      others.add(address)
      continue
    }
    const prefix = (found[1] === undefined ? '' : `${found[1]}:`) + (found[2] as string)
    const group = groups.get(prefix)
    if (group === undefined) groups.set(prefix, [Number(found[3])])
    else group.push(Number(found[3]))
  }
  const folded = [...groups].sort(([a], [b]) => comparePrefixes(a, b)).map(([prefix, last]) => foldGroup(prefix, last))
  return [...folded, ...others]
}

function foldGroup(prefix: string, last: number[]): string {
  const folded = foldNumbers(last)
  return /^\d+$/.test(folded) ? prefix + folded : `${prefix}[${folded}]`
}

function comparePrefixes(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => text.split(/[:.]/).map(Number)) as [number[], number[]]
  if (a.length !== b.length) return a.length - b.length
  for (let place = 0; place < a.length; place += 1) {
    const difference = (a[place] as number) - (b[place] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Fold host ids: runs of three and more become `[101-120]`, others stay by themselves. */
export function foldIds(ids: Iterable<number>): string[] {
  return foldNumbers(ids)
    .split(',')
    .filter((part) => part !== '')
    .flatMap((part) => {
      const [first, last] = part.split('-').map(Number) as [number, number | undefined]
      if (last === undefined) return [part]
      return last - first < 2 ? [`${first}`, `${last}`] : [`[${part}]`]
    })
}

/** Name every address or id of a folded text; a text that is not folded names itself. */
export function unfold(text: string): string[] {
  const found = FOLDED.exec(text)
  if (found === null) return [text]
  const numbers = unfoldNumbers(found[2] as string)
  return numbers === null ? [text] : numbers.map((number) => (found[1] ?? '') + number)
}

/** Name every number of `3-7,9`, or null when it is no such text or names more than a million. */
export function unfoldNumbers(text: string): number[] | null {
  const numbers: number[] = []
  for (const part of text.split(',')) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (found === null) return null
    const [first, last] = [Number(found[1]), Number(found[2] ?? found[1])]
    if (last < first || numbers.length + last - first >= MOST) return null
    for (let number = first; number <= last; number += 1) numbers.push(number)
  }
  return numbers
}
