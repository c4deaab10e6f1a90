/** A script from a file of this computer: text where it is UTF-8, else its bytes. */

import { say } from '@/i18n'
import { base64Of } from '@/model/base64'
import { contentOf, type ScriptContent } from '@/model/scriptContent'
import { toast } from '@/ui/toast'

const MOST_BYTES = 16_777_215

/** Return what the file holds that was chosen; undefined, and said why, where it cannot be a script. */
export async function openedScript(event: Event): Promise<ScriptContent | undefined> {
  const input = event.target as HTMLInputElement
  const chosen = input.files?.[0]
  // The same file may be chosen again.
  input.value = ''
  if (!chosen) return undefined
  if (!chosen.size || chosen.size > MOST_BYTES) return void toast(say(chosen.size ? 'code.bytes.large' : 'code.bytes.empty'), 'fail')
  return contentOf(base64Of(new Uint8Array(await chosen.arrayBuffer())))
}
