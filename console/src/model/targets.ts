/** Pasted targets as texts: one for each thing that is named. What they mean is the server's to say. */

/** Most texts that are drawn as chips; the others are counted. */
export const MOST_CHIPS = 200

const TERM = /^!?[A-Za-z_][\w./-]*!?=\S+/
const ADDRESS = /^!?(?:\d+:)?(?:\[?[0-9a-f:]+:[0-9a-f:]*\]?|\d{1,3}(?:\.[\d[\],-]+){3})(?:\/\d+)?$/i

/**
 * Return the texts that somebody pasted: split at lines, and within a line at blanks, commas and semicolons outside of brackets.
 * A line of terms (`set=a module=b`) is one text; so is a line of CSV with a single address in it.
 */
export function splitTargets(pasted: string): string[] {
  const found = pasted.split(/[\r\n]+/).flatMap((line) => splitLine(line.trim()))
  return [...new Set(found)]
}

/** Whether what is being written ends with a target that is complete; a blank in terms or within brackets belongs to it. */
export function isComplete(written: string): boolean {
  return /\S[\s,;，；、]$/.test(written) && !TERM.test(written.trim()) && outsideBrackets(`${written}x`).length > 1
}

function splitLine(line: string): string[] {
  if (!line) return []
  if (TERM.test(line)) return [line.replace(/\s+/g, ' ')]
  const parts = outsideBrackets(line)
  const addresses = parts.filter((part) => ADDRESS.test(part))
  const rest = parts.filter((part) => !ADDRESS.test(part))
  const isCsv = /[,;\t|]/.test(line) && addresses.length === 1 && !addresses[0]?.includes('[') && rest.length > 0 && rest.every((part) => !/[:[*]|^!/.test(part))
  return isCsv ? [parts.join(',')] : parts
}

function outsideBrackets(line: string): string[] {
  const parts: string[] = []
  let part = ''
  let depth = 0
  for (const letter of line) {
    if (letter === '[') depth += 1
    if (letter === ']') depth = Math.max(0, depth - 1)
    if (depth === 0 && /[\s,;|，；、]/.test(letter)) {
      if (part) parts.push(part)
      part = ''
    } else if (!/\s/.test(letter)) part += letter
  }
  return part ? [...parts, part] : parts
}

export interface Fix {
  readonly remove: readonly string[]
  readonly add: readonly string[]
}

/** Return the texts of a box after fixes: some are taken out, others put in, each once. */
export function mended(texts: readonly string[], fixes: readonly Fix[]): string[] {
  const away = new Set(fixes.flatMap((fix) => fix.remove))
  const more = fixes.flatMap((fix) => fix.add)
  return [...new Set([...texts.filter((text) => !away.has(text)), ...more])]
}
