/** What one may do here: asked of the server once for a place, and known to every button and key. */

import { useQuery } from '@tanstack/vue-query'
import { computed, shallowRef, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRoute } from 'vue-router'
import { api, ask } from '@/api/client'
import type { components } from '@/api/schema'
import { lackWords } from '@/ui/permission'
import { useScopeMaybe } from './scope'
import { me } from './session'

type Told = components['schemas']['PermissionList']
export type Need = components['schemas']['AllowedAction']['id']
export type Needs = Need | readonly Need[]

const told = shallowRef<Told>()

/** Keep what one may do where the address leads to; called once. */
export function usePermissions(): void {
  const { locale } = useI18n()
  const route = useRoute()
  const scope = useScopeMaybe()
  const place = computed(() => (me.value && (route.meta.at === 'platform' ? 'platform' : scope.value?.text)) || '')
  const asked = useQuery({
    queryKey: computed(() => ['permissions', place.value, locale.value]),
    queryFn: ({ signal }) => ask(api.GET('/api/v1/permissions', { params: { query: { scope: place.value } }, signal })),
    enabled: computed(() => place.value !== ''),
    staleTime: 60_000,
  })
  watch(asked.data, (data) => (told.value = data), { immediate: true })
}

/** Return why something may not be done here: the permissions that are missing, and who can grant them; the server decides anew when it is done. */
export function lacking(needs: Needs | undefined): string | undefined {
  if (!needs || !told.value) return undefined
  const wanted: readonly Need[] = typeof needs === 'string' ? [needs] : needs
  const names = told.value.actions.filter((one) => !one.allowed && wanted.includes(one.id)).map((one) => one.name)
  return names.length ? lackWords(names, told.value.granted_by) : undefined
}
