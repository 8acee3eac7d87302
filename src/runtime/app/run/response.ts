import { errorFromJson, StreamError } from '../../shared/errors'
import { isObject } from '../../shared/protocols/json'
import { holdsError, toUpstreamError } from '../../shared/protocols/upstream-error'
import { HEADERS } from '../../shared/wire'

/** What keeps an answer from being read as a stream: `undefined` when nothing does. */
export async function checkResponse(response: Response): Promise<StreamError | undefined> {
  const { ok, status, headers } = response
  const type = headers.get('content-type') ?? ''
  if (ok && type.includes('text/event-stream')) return
  const body = type.includes('json') ? await response.json().catch(() => undefined) as unknown : undefined // said to be JSON and is not: its status tells
  return errorFromJson(body) ?? (ok ? notStreamed(body, type, status) : httpError(status, headers))
}

function httpError(status: number, headers: Headers): StreamError {
  return new StreamError({
    code: 'http_error',
    message: `The server answered ${status} without saying why: look for the request in its log.`,
    status,
    retryable: status === 408 || status === 409 || status === 429 || status >= 500,
    retryAfterMs: retryAfter(headers.get('retry-after')),
    requestId: headers.get(HEADERS.requestId) ?? undefined,
  })
}

function notStreamed(body: unknown, type: string, status: number): StreamError {
  // [wire] Gemini's compatible endpoint wraps an error in an array.
  const answer: unknown = Array.isArray(body) ? body[0] : body
  if (isObject(answer) && holdsError(answer)) return toUpstreamError(answer)
  return new StreamError({
    code: 'bad_content_type',
    message: `The server answered with ${type || 'no content type'} instead of text/event-stream: check the address and what stands in front of the relay.`,
    status,
  })
}

/** [spec] https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (!header) return
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return ms >= 0 ? ms : undefined
}
