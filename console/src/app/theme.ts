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

export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
/** The zone that was chosen, empty for the browser's. */
export const chosenZone = ref(known(localStorage.getItem(ZONE) ?? ''))
export const zone = computed(() => chosenZone.value || browserZone)
/** The zone of the installation, as the session tells it; empty before. */
export const serverZone = ref('')

/** Return the name of a zone if this browser knows it, else that of its own: an empty text. */
export function known(name: string): string {
  try {
    return name && new Intl.DateTimeFormat('en', { timeZone: name }) ? name : ''
  } catch {
    return ''
  }
}

/** Keep the document and this browser's copy in step with what was chosen: the sign-in page looks the same. */
export function startTheme(): void {
  watchEffect(() => {
    document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'
    localStorage.setItem(THEME, theme.value)
  })
  watchEffect(() => {
    if (chosenZone.value) localStorage.setItem(ZONE, chosenZone.value)
    else localStorage.removeItem(ZONE)
  })
}
