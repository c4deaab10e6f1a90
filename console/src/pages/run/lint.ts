/** What is wrong with a script, looked for while somebody writes it. */

import { ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import { api, ask } from '@/api/client'
import { findingsOf } from '@/model/scriptLint'
import type { ScriptLanguage } from '@/model/scriptForm'
import type { CodeFinding } from '@/ui/code/words'

const PAUSE_MS = 300
const MOST_CHARACTERS = 262_144

/** Return the findings of a script, 300 ms after the last change; those of a longer one come with the preview alone. */
export function useLint(script: Ref<string>, language: Ref<ScriptLanguage>, wanted: Ref<boolean>): Ref<CodeFinding[]> {
  const { t, locale } = useI18n()
  const findings = ref<CodeFinding[]>([])
  watch([script, language, wanted, locale], (_now, _before, onCleanup) => {
    const stop = new AbortController()
    const timer = setTimeout(() => void look(stop.signal), PAUSE_MS)
    onCleanup(() => {
      clearTimeout(timer)
      stop.abort()
    })
  }, { immediate: true })

  async function look(signal: AbortSignal): Promise<void> {
    if (!wanted.value || !script.value.trim() || script.value.length > MOST_CHARACTERS) {
      findings.value = []
      return
    }
    try {
      const told = await ask(api.POST('/api/v1/script-checks', { body: { language: language.value, script: script.value, script_base64: null }, signal }))
      findings.value = findingsOf(told, { blocks: t('quick.lint.blocks'), records: t('quick.lint.records') })
    } catch {
      // Nobody is kept from writing; the server looks again before it starts anything.
      if (!signal.aborted) findings.value = []
    }
  }
  return findings
}
