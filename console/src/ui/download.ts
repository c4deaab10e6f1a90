/** Files that the page has made, or that the server has. */

const KEPT_MS = 10_000

/** Let the browser save something as a file. */
export function save(content: Blob, name: string): void {
  const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(content), download: name })
  link.click()
  // The browser reads it after the press: where it asks for a place first, seconds later.
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS)
}

/** Let the browser fetch a file; one that the server refuses is a download that failed, and the page stays. */
export function takeFile(address: string): void {
  Object.assign(document.createElement('a'), { href: address, download: '' }).click()
}
