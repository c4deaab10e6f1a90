/** The span of time that a list is narrowed to: `since` and `until` of the address, as filters and as what is asked for. */

import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { endOf, momentOf } from '@/model/moment'
import { shortWords } from '@/model/time'
import type { Filter } from '@/ui/filters'
import { zone } from './theme'

const SPANS = ['1h', '24h', '7d', '30d', '90d'] as const
type Span = (typeof SPANS)[number]
const MINUTE = 60_000

/**
 * Return the filters of a span and the moments (epoch ms) that it is from and to; what cannot be read narrows nothing, and says so.
 *
 * @param usual - What the list is narrowed to while no other span is given.
 * @param most - The longest span that is offered.
 */
export function useSpan(given: () => { readonly since: string; readonly until: string }, { usual, most = '30d' }: { usual?: Span; most?: Span } = {}) {
  const { t, locale } = useI18n()
  const words = (read: typeof momentOf) => (text: string) => {
    const [now, own] = [Date.now(), zone.value]
    const at = read(text, now, own)
    return at === undefined ? t('common.noMoment', { text }) : shortWords(at, now, locale.value, own)
  }
  const filters = computed<Filter[]>(() => [
    { name: 'since', label: t('common.since'), isMoment: true, ...(usual ? { usual: t(`common.ago.${usual}`) } : {}), options: SPANS.slice(0, SPANS.indexOf(most) + 1).map((value) => ({ value, label: t(`common.ago.${value}`) })), words: words(momentOf) },
    { name: 'until', label: t('common.until'), isMoment: true, words: words(endOf) },
  ])
  const asked = computed(() => {
    // To the minute: else every press would be another question.
    const now = Math.floor(Date.now() / MINUTE) * MINUTE
    const from = momentOf(given().since, now, zone.value)
    const to = endOf(given().until, now, zone.value)
    return { ...(from === undefined ? {} : { since: from }), ...(to === undefined ? {} : { until: to }) }
  })
  return { filters, asked }
}
