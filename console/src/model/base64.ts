// Bytes as Base64 texts, as scripts and files go over the API.

/** Return the UTF-8 text that Base64 holds; undefined when it holds none. */
export function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytesOf(base64))
  } catch {
    return undefined
  }
}

/** Return the bytes that Base64 holds. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))
}

/** Return bytes, or the UTF-8 of a text, as Base64. */
export function base64Of(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  const parts: string[] = []
  // In portions: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 32_768) parts.push(String.fromCharCode(...bytes.subarray(at, at + 32_768)))
  return btoa(parts.join(''))
}
