/** What a version of a script holds: text that one edits, or bytes that are none (a .bat in GBK), which are kept as they are. */

import { base64Of, bytesOf, textOf } from './base64'

export type ScriptContent = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'bytes'; readonly base64: string }

export const EMPTY: ScriptContent = { kind: 'text', text: '' }

/** Return the content that Base64 holds. */
export function contentOf(base64: string): ScriptContent {
  const text = textOf(base64)
  return text === undefined ? { kind: 'bytes', base64 } : { kind: 'text', text }
}

/** Return how a content goes to the server: bytes as they came, never as a text that has lost some. */
export function sentOf(content: ScriptContent): { readonly script: string | null; readonly script_base64: string | null } {
  return content.kind === 'text' ? { script: content.text, script_base64: null } : { script: null, script_base64: content.base64 }
}

/** Return the bytes of a content. */
export function bytesIn(content: ScriptContent): Uint8Array<ArrayBuffer> {
  return bytesOf(content.kind === 'text' ? base64Of(content.text) : content.base64)
}

/** Return whether there is nothing in it. */
export function isNothing(content: ScriptContent): boolean {
  return (content.kind === 'text' ? content.text : content.base64) === ''
}
