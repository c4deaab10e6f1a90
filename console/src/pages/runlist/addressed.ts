/** What addresses of runs also filter by: it has no field to choose it from, but whoever comes with it must see it, and can take it away. */

import { computed, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Filter } from '@/ui/filters'

/** Return filters with those that only addresses give. */
export function useAddressed(filters: Ref<readonly Filter[]>) {
  const { t } = useI18n()
  return computed<Filter[]>(() => [
    ...filters.value,
    { name: 'plan', label: t('runlist.filters.plan'), words: (id) => `#${id}`, isGiven: true },
    { name: 'schedule', label: t('runlist.filters.schedule'), words: (id) => `#${id}`, isGiven: true },
  ])
}
