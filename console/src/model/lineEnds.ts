/** How the lines of a script end: on hosts that is part of it, and no editor may change it unasked. */

/** `mixed` is everything else: both kinds, or returns alone. */
export type LineEnds = 'lf' | 'crlf' | 'mixed'

/** Return how the lines of a text end; undefined for one without line breaks. */
export function endsOf(text: string): LineEnds | undefined {
  const [feeds, returns, pairs] = [count(text, '\n'), count(text, '\r'), count(text, '\r\n')]
  if (!feeds && !returns) return undefined
  if (returns === 0) return 'lf'
  return returns === pairs && feeds === pairs ? 'crlf' : 'mixed'
}

function count(text: string, part: string): number {
  let found = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) found += 1
  return found
}

/** Return a text whose lines all end alike. */
export function withEnds(text: string, ends: 'lf' | 'crlf'): string {
  const fed = text.includes('\r') ? text.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : text
  return ends === 'crlf' ? fed.replaceAll('\n', '\r\n') : fed
}

/** Return how new lines of a language end: cmd.exe does not find labels in batch files without returns. */
export function usualEnds(language: string): 'lf' | 'crlf' {
  return language === 'bat' ? 'crlf' : 'lf'
}
