/** The one way to the server: typed by its own OpenAPI document, with session, language and refusals taken care of. */

import createClient, { type Middleware } from 'openapi-fetch'
import { ApiError, errorOf } from './error'
import type { paths } from './schema'

export { ApiError } from './error'

/** Where the console is served, with a slash at its end; the server wrote it into index.html. */
export const base = (() => {
  const told = globalThis.document?.querySelector('meta[name="jobfleet-base"]')?.getAttribute('content') ?? './'
  return told.startsWith('/') ? told : '/'
})()

const told = { csrf: '', language: 'en', onSignedOut: () => {} }

/** Say what goes with every request from now on. */
export function tell(more: Partial<typeof told>): void {
  Object.assign(told, more)
}

/** Return the headers that a request of our own needs, for those who use `fetch` themselves (streams, uploads). */
export function headers(method = 'GET'): Record<string, string> {
  const language = { 'blueking-language': told.language === 'zh' ? 'zh-cn' : 'en' }
  return method === 'GET' ? language : { ...language, 'x-csrf-token': told.csrf }
}

const middleware: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(headers(request.method))) request.headers.set(name, value)
    return request
  },
  async onResponse({ response }) {
    if (response.ok) return undefined
    const error = await errorOf(response)
    if (error.status === 401) told.onSignedOut()
    throw error
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === 'AbortError') return error
    return new ApiError({ status: 0, code: 0, message: 'no answer', requestId: '' })
  },
}

export const api = createClient<paths>({ baseUrl: base === '/' ? '' : base.slice(0, -1), querySerializer: { array: { style: 'form', explode: false } } })
api.use(middleware)

/**
 * Return the data of an answer.
 *
 * @throws ApiError - the server refused, or could not be asked.
 */
export async function ask<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T
}
