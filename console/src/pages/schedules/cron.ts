/** Cron expressions as sentences of the page's language. */

import { useI18n } from 'vue-i18n'
import { cronWords, type Words } from '@/model/cronWords'

/** Return a function that says what an expression means, '' for what cannot be said plainly. */
export function useCronText(): (expression: string) => string {
  const { t, locale } = useI18n()
  const list = (names: string[]) => new Intl.ListFormat(locale.value, { type: 'conjunction' }).format(names)
  // 7 January 2024 was a Sunday; names are those of the language, whatever the zone.
  const weekday = (number: number) => new Intl.DateTimeFormat(locale.value, { weekday: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, 0, 7 + number))
  const month = (number: number) => new Intl.DateTimeFormat(locale.value, { month: 'long', timeZone: 'UTC' }).format(Date.UTC(2024, number - 1, 7))
  const part = ({ key, values, weekdays, months }: Words) => t(`schedules.cron.${key}`, { ...values, ...(weekdays ? { weekdays: list(weekdays.map(weekday)) } : {}), ...(months ? { months: list(months.map(month)) } : {}) })
  return (expression) => {
    const words = cronWords(expression)
    return words ? words.map(part).join(t('schedules.cron.between')) : ''
  }
}
