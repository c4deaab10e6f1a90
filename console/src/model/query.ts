/** Reading and writing the query of an address: typed, with the defaults left out, in a fixed order. */

export type Raw = Record<string, string | null | undefined | (string | null)[]>

export interface Param<T> {
  readonly fallback: T
  read(text: string): T | undefined
  write(value: T): string
}

export type Params = Record<string, Param<unknown>>
export type Values<P extends Params> = { [K in keyof P]: P[K] extends Param<infer T> ? T : never }

/** A text; `fallback` is left out of the address. */
export function text(fallback = ''): Param<string> {
  return { fallback, read: (given) => given, write: (value) => value }
}

/** A whole number of at least `least`. */
export function whole(fallback: number, least = 0): Param<number> {
  return {
    fallback,
    read: (given) => (/^-?\d{1,15}$/.test(given) && Number(given) >= least ? Number(given) : undefined),
    write: String,
  }
}

/** A whole number or nothing. */
export function maybeWhole(): Param<number | undefined> {
  return {
    fallback: undefined,
    read: (given) => (/^\d{1,15}$/.test(given) ? Number(given) : undefined),
    write: (value) => String(value),
  }
}

/** One of a few words. */
export function oneOf<T extends string>(words: readonly T[], fallback: T): Param<T> {
  return { fallback, read: (given) => words.find((word) => word === given), write: (value) => value }
}

/** Any number of texts, joined by commas; a comma within a text is doubled as `,,`. */
export function list(): Param<string[]> {
  return {
    fallback: [],
    read: (given) => given.replaceAll(',,', '\u0000').split(',').filter(Boolean).map((one) => one.replaceAll('\u0000', ',')),
    write: (value) => value.map((one) => one.replaceAll(',', ',,')).join(','),
  }
}

/** On or off; written as 1. */
export function flag(fallback = false): Param<boolean> {
  return { fallback, read: (given) => given === '1', write: (value) => (value ? '1' : '0') }
}

/** Return what a query says; what is missing or wrong is its fallback. */
export function readQuery<P extends Params>(params: P, raw: Raw): Values<P> {
  const entries = Object.entries(params).map(([name, param]) => {
    const given = raw[name]
    const first = Array.isArray(given) ? given[0] : given
    return [name, first == null ? param.fallback : (param.read(first) ?? param.fallback)]
  })
  return Object.fromEntries(entries) as Values<P>
}

/** Return the query that says these values, without those that are fallbacks; what is not ours stays. */
export function writeQuery<P extends Params>(params: P, values: Values<P>, others: Raw = {}): Record<string, string> {
  const kept = Object.entries(others).flatMap(([name, given]) => {
    const first = Array.isArray(given) ? given[0] : given
    return name in params || first == null ? [] : [[name, first] as const]
  })
  const own = Object.entries(params).flatMap(([name, param]) => {
    const value = (values as Record<string, unknown>)[name]
    const written = value === undefined ? '' : param.write(value)
    const usual = param.fallback === undefined ? '' : param.write(param.fallback)
    return written === usual ? [] : [[name, written] as const]
  })
  return Object.fromEntries([...kept, ...own])
}
