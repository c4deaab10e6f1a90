// What a cron expression says, in words: parts with a key of the catalog `schedules.cron` and what stands in it.
//
// Only what can be said plainly is said; of the rest the next times tell.

/** A part of a sentence: a key of `schedules.cron`, and the values for it. Lists are joined by whoever shows them. */
export interface Words {
  readonly key: string
  readonly values: Readonly<Record<string, string | number>>
  /** Numbers of weekdays (0 is Sunday) or months (1 is January), for whoever knows their names. */
  readonly weekdays?: readonly number[]
  readonly months?: readonly number[]
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const MOST_TIMES = 6

interface Field {
  readonly first: number
  readonly last: number
  readonly names?: readonly string[]
}
const FIELDS: readonly [Field, Field, Field, Field, Field] = [
  { first: 0, last: 59 },
  { first: 0, last: 23 },
  { first: 1, last: 31 },
  { first: 1, last: 12, names: MONTHS },
  { first: 0, last: 7, names: DAYS },
]

/** Split an expression into its five fields; undefined when it has not five. */
export function fieldsOf(expression: string): [string, string, string, string, string] | undefined {
  const fields = expression.trim().toUpperCase().split(/\s+/)
  return fields.length === 5 ? (fields as [string, string, string, string, string]) : undefined
}

/** Say what an expression means; undefined for what is none, or is too intricate to be said. */
export function cronWords(expression: string): Words[] | undefined {
  const fields = fieldsOf(expression)
  if (!fields) return undefined
  const [minute, hour, day, month, weekday] = fields
  const time = timeWords(minute, hour)
  const days = dayWords(day, weekday)
  const months = monthWords(month)
  return time && days && months ? [...days, ...months, time] : undefined
}

function timeWords(minute: string, hour: string): Words | undefined {
  const everyMinute = stepOf(minute)
  const everyHour = stepOf(hour)
  if (everyMinute !== undefined && hour === '*') return everyMinute === 1 ? { key: 'everyMinute', values: {} } : { key: 'everyMinutes', values: { n: everyMinute } }
  const minutes = numbersOf(minute, FIELDS[0])
  if (!minutes) return everyMinute === undefined ? undefined : within(everyMinute, hour)
  const only = minutes.length === 1 ? minutes[0] : undefined
  if (hour === '*') return { key: 'hourly', values: { minutes: minutes.map(two).join(', ') } }
  if (everyHour !== undefined && only !== undefined) return { key: 'everyHours', values: { n: everyHour, minute: two(only) } }
  const hours = numbersOf(hour, FIELDS[1])
  if (!hours || hours.length * minutes.length > MOST_TIMES) return undefined
  return { key: 'at', values: { times: hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`)).join(', ') } }
}

function within(step: number, hour: string): Words | undefined {
  const span = /^(\d+)-(\d+)$/.exec(hour)
  const hours = numbersOf(hour, FIELDS[1])
  if (!hours || (!span && hours.length > 1)) return undefined
  const [first, last] = [hours[0] as number, hours[hours.length - 1] as number]
  return { key: step === 1 ? 'everyMinuteWithin' : 'everyMinutesWithin', values: { n: step, from: `${two(first)}:00`, to: `${two(last)}:59` } }
}

function dayWords(day: string, weekday: string): Words[] | undefined {
  if (day === '*' && weekday === '*') return [{ key: 'everyDay', values: {} }]
  const monthDays = day === '*' ? undefined : monthDayWords(day)
  const weekdays = weekday === '*' ? undefined : weekdayWords(weekday)
  if ((day !== '*' && !monthDays) || (weekday !== '*' && !weekdays)) return undefined
  if (monthDays && weekdays) {
    // Either counts, unless one of the fields begins with `*`: then both must fit.
    const both = day.startsWith('*') || weekday.startsWith('*')
    return [monthDays, { key: both ? 'andOnlyIf' : 'or', values: {} }, weekdays]
  }
  return [(monthDays ?? weekdays) as Words]
}

function monthDayWords(day: string): Words | undefined {
  if (day === 'L') return { key: 'lastDay', values: {} }
  if (day === 'LW') return { key: 'lastWorkday', values: {} }
  const every = stepOf(day)
  if (every !== undefined) return { key: 'everyDays', values: { n: every } }
  const numbers = numbersOf(day, FIELDS[2])
  return numbers && { key: 'monthDays', values: { days: numbers.join(', ') } }
}

function weekdayWords(weekday: string): Words | undefined {
  const last = /^([0-7]|[A-Z]{3})L$/.exec(weekday)
  const nth = /^([0-7]|[A-Z]{3})#([1-5])$/.exec(weekday)
  const named = (last ?? nth)?.[1]
  if (named !== undefined) {
    const number = numberOf(named, FIELDS[4])
    if (number === undefined) return undefined
    const weekdays = [number % 7]
    return last ? { key: 'lastWeekday', values: {}, weekdays } : { key: 'nthWeekday', values: { n: Number(nth?.[2]) }, weekdays }
  }
  const numbers = numbersOf(weekday, FIELDS[4])
  if (!numbers) return undefined
  const weekdays = [...new Set(numbers.map((one) => one % 7))].sort((a, b) => a - b)
  if (weekdays.join() === '1,2,3,4,5') return { key: 'workdays', values: {} }
  return weekdays.length === 7 ? { key: 'everyDay', values: {} } : { key: 'weekdays', values: {}, weekdays }
}

function monthWords(month: string): Words[] | undefined {
  if (month === '*') return []
  const every = stepOf(month)
  const months = numbersOf(month, FIELDS[3])
  if (every !== undefined && !months) return [{ key: 'everyMonths', values: { n: every } }]
  return months && [{ key: 'months', values: {}, months }]
}

/** Return n of `*` (1) and `*`/n; undefined for everything else. */
function stepOf(field: string): number | undefined {
  if (field === '*') return 1
  const found = /^\*\/(\d+)$/.exec(field)
  return found && Number(found[1]) > 0 ? Number(found[1]) : undefined
}

/** Return the numbers that a field lists by themselves, in spans and in steps of spans; undefined for what is none or begins with `*`. */
function numbersOf(text: string, field: Field): number[] | undefined {
  const found = new Set<number>()
  for (const part of text.split(',')) {
    const [span = '', step] = part.split('/')
    const ends = span.split('-')
    const [first, last] = [numberOf(ends[0] ?? '', field), numberOf(ends[ends.length - 1] ?? '', field)]
    if (first === undefined || last === undefined || ends.length > 2 || last < first) return undefined
    if (step !== undefined && !/^[1-9]\d*$/.test(step)) return undefined
    const end = step !== undefined && ends.length === 1 ? field.last : last
    for (let one = first; one <= end; one += Number(step ?? 1)) found.add(one)
  }
  return [...found].sort((a, b) => a - b)
}

function numberOf(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text) ?? -1
  if (named >= 0) return named + field.first
  const number = /^\d+$/.test(text) ? Number(text) : NaN
  return number >= field.first && number <= field.last ? number : undefined
}

function two(number: number): string {
  return String(number).padStart(2, '0')
}
