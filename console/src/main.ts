/** Puts the console together. */

import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { createApp } from 'vue'
import { ApiError } from '@/api/client'
import App from '@/app/App.vue'
import { startKeys } from '@/app/keys'
import { router } from '@/app/router'
import { startTheme } from '@/app/theme'
import { beginToSpeak, i18n } from '@/i18n'
import { startLeaving } from '@/ui/leave'
import '@/ui/tokens.css'
import '@/ui/base.css'

startTheme()
startKeys()
startLeaving()

// What the server refused is refused again; what did not reach it is tried twice more.
const retry = (failures: number, error: unknown) => failures < 2 && error instanceof ApiError && error.isPassing
// Answers are replaced, never changed: watching into every element of them would make ten thousand hosts slow for nothing.
const queryClient = new QueryClient({
  defaultOptions: { queries: { retry, staleTime: 5_000, refetchOnWindowFocus: true, shallow: true }, mutations: { retry: false } },
})

await beginToSpeak()
createApp(App).use(i18n).use(router).use(VueQueryPlugin, { queryClient }).mount('#app')
