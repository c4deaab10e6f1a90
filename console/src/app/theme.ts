/** Light, dark, or what the system says; and the time zone that times are shown in. */

import { computed, ref, watchEffect } from 'vue'

export type Theme = 'light' | 'dark' | 'system'

const THEME = 'jobfleet.theme'
const ZONE = 'jobfleet.zone'
const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = ref(system.matches)
system.addEventListener('change', () => (systemIsDark.value = system.matches))

const kept = localStorage.getItem(THEME)
export const theme = ref<Theme>(kept === 'light' || kept === 'dark' ? kept : 'system')
export const isDark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value))

export const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
export const zone = ref(localStorage.getItem(ZONE) ?? ownZone)

/** Keep the document and this browser in step with what was chosen. */
export function startTheme(): void {
  watchEffect(() => {
    document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
    localStorage.setItem(THEME, theme.value)
  })
  watchEffect(() => {
    if (zone.value === ownZone) localStorage.removeItem(ZONE)
    else localStorage.setItem(ZONE, zone.value)
  })
}
