/** Copying texts, on plain http too: there browsers have no `navigator.clipboard`. */

import { say } from '@/i18n'
import { toast } from './toast'

/** Copy a text, and say so where it could not be done; returns whether it was. */
export async function copy(text: string): Promise<boolean> {
  const isDone = (await byClipboard(text)) || byCommand(text)
  if (!isDone) toast(say('app.notCopied'), 'fail')
  return isDone
}

async function byClipboard(text: string): Promise<boolean> {
  // Types say that it is always there.
  const clipboard = navigator.clipboard as Clipboard | undefined
  return clipboard === undefined ? false : clipboard.writeText(text).then(() => true, () => false)
}

/** The old way asks the page what to copy: nothing has to be selected, so the focus stays where it is. */
function byCommand(text: string): boolean {
  let isTaken = false
  const give = (event: ClipboardEvent) => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    event.stopImmediatePropagation()
    isTaken = event.clipboardData !== null
  }
  addEventListener('copy', give, { capture: true })
  try {
    return document.execCommand('copy') && isTaken
  } finally {
    removeEventListener('copy', give, { capture: true })
  }
}
