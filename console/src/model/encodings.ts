/** In which encoding a script is that is no UTF-8, so that somebody can read it, and have it as UTF-8 where they say so. */

import { bytesOf } from './base64'

/** Names as the Encoding Standard has them. */
export const ENCODINGS = ['gb18030', 'utf-16le', 'utf-16be', 'big5', 'shift_jis', 'euc-kr', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** Return the encoding that bytes are most likely in: by their mark, else GB18030 where they are well-formed in it, which GBK is a part of. */
export function likelyEncoding(base64: string): Encoding {
  const bytes = bytesOf(base64)
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  return readAs(base64, 'gb18030').isExact ? 'gb18030' : 'windows-1252'
}

/** Return the text that bytes are in an encoding, without its mark; `isExact` when every byte of it has a meaning. */
export function readAs(base64: string, encoding: Encoding): { readonly text: string; readonly isExact: boolean } {
  const bytes = bytesOf(base64)
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), isExact: true }
  } catch {
    return { text: new TextDecoder(encoding).decode(bytes), isExact: false }
  }
}
