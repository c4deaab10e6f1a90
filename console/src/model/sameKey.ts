/** The key by which the server knows a start again: kept until there is an answer, so that a lost one is not asked for twice. */

export interface SameKey {
  /** Return the key for what is asked for: the one of before while it is the same, and no answer has come. */
  of(what: unknown): string
  /** It was done. */
  done(): void
  /** It failed with a status of HTTP; 0 is no answer. */
  refused(status: number): void
}

export function sameKey(): SameKey {
  let [key, asked]: [string, unknown] = ['', undefined]
  const done = () => (key = '')
  return {
    of: (what) => {
      if (!key || what !== asked) [key, asked] = [fresh(), what]
      return key
    },
    done,
    // Who was refused may try anew; without an answer the job may be there, and only the same key finds it.
    refused: (status) => {
      if (status !== 0 && status < 500) done()
    },
  }
}

/** A console that is served without TLS has random numbers, but no `randomUUID`. */
function fresh(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
