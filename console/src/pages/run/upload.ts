/** Sending a file to the server, with its progress. */

import { ApiError, api, ask, base, headers } from '@/api/client'

/**
 * Send a file and return the path by which jobs name it.
 *
 * @throws ApiError - the server refused it, or could not be reached.
 */
export async function upload(scope: string, file: File, onProgress: (sent: number) => void, signal: AbortSignal): Promise<string> {
  const { uploads } = await ask(api.POST('/api/v1/uploads', { body: { scope, names: [file.name] }, signal }))
  const place = uploads[0]
  if (!place) throw new ApiError({ status: 0, code: 0, message: 'no address', requestId: '' })
  await put(`${base === '/' ? '' : base.slice(0, -1)}${place.address}`, file, onProgress, signal)
  return place.path
}

/** `fetch` tells nothing of how much was sent; XMLHttpRequest does. */
function put(address: string, file: File, onProgress: (sent: number) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const fail = () => reject(new ApiError({ status: request.status, code: 0, message: request.responseText || `HTTP ${request.status}`, requestId: request.getResponseHeader('x-request-id') ?? '' }))
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onload = () => (request.status < 300 ? resolve() : fail())
    request.onerror = fail
    request.onabort = fail
    signal.addEventListener('abort', () => request.abort(), { once: true })
    request.open('PUT', address)
    for (const [name, value] of Object.entries(headers('PUT'))) request.setRequestHeader(name, value)
    request.send(file)
  })
}
