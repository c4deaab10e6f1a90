/** Sending files to the server: an address is made for each, and its bytes are sent there once. */

import { ApiError, api, ask, base, headers } from './client'
import { errorOf } from './error'

interface Watching {
  /** Hears which file is on its way, and how many bytes of all have been sent. */
  readonly told?: (name: string, sent: number, all: number) => void
  readonly signal?: AbortSignal
}

/**
 * Send files one after the other and return the paths by which jobs name them.
 *
 * @throws ApiError - the server refused one, or could not be reached.
 */
export async function upload(scope: string, files: readonly File[], { told, signal }: Watching = {}): Promise<string[]> {
  const { uploads } = await ask(api.POST('/api/v1/uploads', { body: { scope, names: files.map((one) => one.name) }, ...(signal ? { signal } : {}) }))
  const all = files.reduce((sum, one) => sum + one.size, 0)
  let before = 0
  for (const file of files) {
    const place = uploads.find((one) => one.name === file.name)
    if (!place) throw new ApiError({ status: 0, code: 0, message: 'no address', requestId: '' })
    told?.(file.name, before, all)
    await put(`${base}${place.address.replace(/^\//, '')}`, file, (sent) => told?.(file.name, before + sent, all), signal)
    before += file.size
  }
  return uploads.map((one) => one.path)
}

/** `fetch` tells nothing of how much was sent; XMLHttpRequest does. */
function put(address: string, file: File, onProgress: (sent: number) => void, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const cut = () => reject(new ApiError({ status: 0, code: 0, message: 'no answer', requestId: '' }))
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onload = () => (request.status < 300 ? resolve() : void refusalOf(request).then(reject))
    request.onerror = cut
    request.onabort = cut
    signal?.addEventListener('abort', () => request.abort(), { once: true })
    request.open('PUT', address)
    for (const [name, value] of Object.entries(headers('PUT'))) request.setRequestHeader(name, value)
    request.send(file)
  })
}

function refusalOf(request: XMLHttpRequest): Promise<ApiError> {
  const told = { 'x-request-id': request.getResponseHeader('x-request-id') ?? '' }
  return errorOf(new Response(request.responseText, { status: request.status, headers: told }))
}
