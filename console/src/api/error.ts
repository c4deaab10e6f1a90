/** What the server refused, or that it could not be asked. */

interface Facts {
  status: number
  code: number
  message: string
  requestId: string
  field?: string | undefined
  mistakes?: readonly string[] | undefined
  permission?: unknown
  body?: unknown
}

/** A refusal: `status` is HTTP's (0: no answer came), `code` one of the error codes, `body` all that was answered. */
export class ApiError extends Error {
  readonly status: number
  readonly code: number
  readonly requestId: string
  readonly field: string | undefined
  readonly mistakes: readonly string[]
  readonly permission: unknown
  readonly body: unknown

  constructor(facts: Facts) {
    super(facts.message)
    this.name = 'ApiError'
    this.status = facts.status
    this.code = facts.code
    this.requestId = facts.requestId
    this.field = facts.field
    this.mistakes = facts.mistakes ?? []
    this.permission = facts.permission
    this.body = facts.body
  }

  /** Whether the same request may well be answered in a moment. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503
  }

  get isGone(): boolean {
    return this.status === 404 || this.status === 410
  }
}

/** Return the refusal that an answer is. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined)
  const told = (typeof body === 'object' && body !== null ? body : {}) as Partial<Facts>
  return new ApiError({
    status: response.status,
    code: typeof told.code === 'number' ? told.code : 0,
    message: typeof told.message === 'string' ? told.message : `HTTP ${response.status}`,
    requestId: response.headers.get('x-request-id') ?? '',
    field: told.field,
    mistakes: told.mistakes,
    permission: told.permission,
    body,
  })
}
