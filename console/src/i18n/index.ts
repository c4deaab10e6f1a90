/** The languages: the catalog of the one that is spoken is here, the other one comes when it is chosen. */

import { createI18n } from 'vue-i18n'

export type Language = 'en' | 'zh'

const KEY = 'jobfleet.language'

function firstLanguage(): Language {
  const kept = localStorage.getItem(KEY)
  if (kept === 'en' || kept === 'zh') return kept
  const wanted = navigator.languages.map((one) => one.slice(0, 2)).find((one) => one === 'zh' || one === 'en')
  return wanted === 'zh' ? 'zh' : 'en'
}

export const i18n = createI18n({
  legacy: false,
  locale: globalThis.localStorage ? firstLanguage() : 'en',
  // A key without a text shows in the tests, which compare the catalogs; a page shows the key itself.
  missingWarn: false,
  fallbackWarn: false,
  messages: {} as Record<Language, never>,
})

// The catalogs' own types are of no use (keys are checked by a test) and too deep for the compiler.
const composer = i18n.global as unknown as {
  t: (key: string, values: Record<string, unknown>) => string
  locale: { value: Language }
  availableLocales: readonly string[]
  setLocaleMessage: (language: Language, catalog: unknown) => void
}

export const language = composer.locale

const catalogs = { en: () => import('./en'), zh: () => import('./zh') }

async function learn(wanted: Language): Promise<void> {
  if (!composer.availableLocales.includes(wanted)) composer.setLocaleMessage(wanted, (await catalogs[wanted]()).default)
}

/** Have the texts that the first page needs. */
export const beginToSpeak = (): Promise<void> => learn(language.value)

/** Speak another language from now on, in this browser: as soon as its texts are here, and what was wanted last counts. */
export async function speak(wanted: Language): Promise<void> {
  localStorage.setItem(KEY, wanted)
  await learn(wanted)
  if (localStorage.getItem(KEY) === wanted) language.value = wanted
}

/** Return a text outside of components. */
export const say: (key: string, values?: Record<string, unknown>) => string = (key, values = {}) => composer.t(key, values)
