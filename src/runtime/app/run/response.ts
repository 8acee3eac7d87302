import { errorFromJson, StreamError } from '../../shared/errors'
import { HEADERS } from '../../shared/wire'

/**
 * What keeps an answer from being read as a stream: nothing, an error, or a `json` body in which the upstream says what went
 * wrong, for the protocol's decoder to name.
 */
export async function checkResponse(response: Response): Promise<{ error?: StreamError, json?: unknown }> {
  const type = response.headers.get('content-type') ?? ''
  const streams = type.includes('text/event-stream')
  if (response.ok && streams) return {}
  const body = type.includes('json') ? await response.json().catch(() => undefined) as unknown : undefined // said to be JSON and is not: its status tells
  const error = errorFromJson(body)
  if (error) return { error }
  const { status } = response
  if (!response.ok) {
    return {
      error: new StreamError({
        code: 'http_error',
        status,
        message: `The server answered ${status} without saying why: look for the request in its log.`,
        retryable: status === 408 || status === 409 || status === 429 || status >= 500,
        retryAfterMs: retryAfter(response.headers.get('retry-after')),
        requestId: response.headers.get(HEADERS.requestId) ?? undefined,
      }),
    }
  }
  if (Array.isArray(body) || (typeof body === 'object' && body !== null && 'error' in body)) return { json: body }
  return {
    error: new StreamError({
      code: 'bad_content_type',
      message: `The server answered with ${type || 'no content type'} instead of text/event-stream: check the address and what stands in front of the relay.`,
      status,
    }),
  }
}

/** [spec] https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (!header) return
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return ms >= 0 ? ms : undefined
}
