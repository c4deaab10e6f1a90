/** What addresses of runs also filter by: it has no field to choose it from, but whoever comes with it must see it, and can take it away. */

import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { zone } from '@/app/theme'
import { shortWords } from '@/model/time'
import type { Filter } from '@/ui/filters'

/** Return filters with those that only addresses give, and moments in words. */
export function useAddressed(filters: Ref<readonly Filter[]>) {
  const { t, locale } = useI18n()
  const moment = (value: string) => (/^\d{9,}$/.test(value) ? shortWords(Number(value), Date.now(), locale.value, zone.value) : value)
  return computed<Filter[]>(() => [
    ...filters.value.map((one) => (one.name === 'since' ? { ...one, words: moment } : one)),
    { name: 'until', label: t('runlist.filters.until'), words: moment, isGiven: true },
    { name: 'plan', label: t('runlist.filters.plan'), words: (id) => `#${id}`, isGiven: true },
    { name: 'schedule', label: t('runlist.filters.schedule'), words: (id) => `#${id}`, isGiven: true },
  ])
}
