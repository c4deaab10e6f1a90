/** Files that the page has made. */

const KEPT_MS = 10_000

/** Let the browser save something as a file. */
export function save(content: Blob, name: string): void {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(content), download: name })
  link.click()
  // The browser reads it after the press: where it asks for a place first, seconds later.
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS)
}
