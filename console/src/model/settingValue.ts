/** Values of settings as people write them, by the form that the server tells. */

export interface Form {
  readonly kind: 'text' | 'number' | 'list' | 'table'
  readonly nullable: boolean
  readonly least?: number | null
  readonly most?: number | null
}

export type Value = string | number | readonly string[] | Readonly<Record<string, number>> | null

/** Return a value as it is written: a list has one entry a line, a table `name = number`. */
export function written(form: Form, value: Value): string {
  if (value === null) return ''
  if (form.kind === 'list') return (value as readonly string[]).join('\n')
  if (form.kind === 'table') return Object.entries(value as Readonly<Record<string, number>>).map(([name, one]) => `${name} = ${one}`).join('\n')
  return String(value)
}

/** Return the value that a text means, or undefined where it means none. An empty text is nothing where that is allowed. */
export function read(form: Form, text: string): Value | undefined {
  const lines = text.split('\n').map((one) => one.trim()).filter(Boolean)
  switch (form.kind) {
    case 'list':
      return lines
    case 'table':
      return table(lines)
    case 'number':
      return lines.length ? number(form, lines.join('')) : form.nullable ? null : undefined
    case 'text':
      return text.trim() ? text.trim() : form.nullable ? null : undefined
  }
}

function table(lines: readonly string[]): Record<string, number> | undefined {
  const entries = lines.map((line) => /^(\S+)\s*=\s*(\d{1,15})$/.exec(line))
  if (entries.some((one) => one === null)) return undefined
  return Object.fromEntries(entries.map((one) => [one?.[1] ?? '', Number(one?.[2])]))
}

function number(form: Form, text: string): number | undefined {
  if (!/^-?\d{1,15}$/.test(text)) return undefined
  const value = Number(text)
  return value >= (form.least ?? -Infinity) && value <= (form.most ?? Infinity) ? value : undefined
}
