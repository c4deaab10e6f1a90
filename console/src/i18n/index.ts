/** The catalogs: every file of `en/` and `zh/` is one, its name the first part of its keys. */

import { createI18n } from 'vue-i18n'

export type Language = 'en' | 'zh'
export interface Catalog {
  [key: string]: string | Catalog
}

function gathered(files: Record<string, { default: Catalog }>): Catalog {
  const named = Object.entries(files).map(([path, file]) => [path.replace(/^.*\/|\.ts$/g, ''), file.default])
  return Object.fromEntries(named) as Catalog
}

export const en = gathered(import.meta.glob('./en/*.ts', { eager: true }))
export const zh = gathered(import.meta.glob('./zh/*.ts', { eager: true }))

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
  fallbackLocale: 'en',
  // A key without a text shows in the tests, which compare the catalogs; a page shows the key itself.
  missingWarn: false,
  fallbackWarn: false,
  messages: { en, zh } as Record<Language, never>,
})

// The catalogs' own types are of no use (keys are checked by a test) and too deep for the compiler.
const composer = i18n.global as unknown as { t: (key: string, values: Record<string, unknown>) => string; locale: { value: Language } }

export const language = composer.locale

/** Speak another language from now on, in this browser. */
export function speak(wanted: Language): void {
  language.value = wanted
  localStorage.setItem(KEY, wanted)
}

/** Return a text outside of components. */
export const say: (key: string, values?: Record<string, unknown>) => string = (key, values = {}) => composer.t(key, values)
