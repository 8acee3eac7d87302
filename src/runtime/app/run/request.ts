import { errorFromJson, StreamError } from '../../shared/errors'
import { HEADERS, PROTOCOL_PATHS, REQUESTED_WITH } from '../../shared/wire'
import type { ProtocolName } from '../../shared/wire'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Everything that one POST needs, resolved: `retry()` sends it again as it is. */
export interface RunRequest {
  url: string
  headers: Record<string, string>
  body: string
  fetch: Fetch
}

/** Where a run is posted to. */
export interface Target {
  /** Exactly this address, whatever else is set. */
  url?: string
  /** A relay's base. */
  endpoint: string
  upstream?: string
  protocol: ProtocolName
}

export interface RequestOptions extends Target {
  model?: string
  /** Laid under what `input` says, key by key. */
  body?: Record<string, unknown>
  headers?: HeadersInit
  /** JSON Schema that the answer must follow. */
  schema?: Record<string, unknown>
  fetch: Fetch
}

/** Builds the request of a run from what `start` was given and from options that are resolved. */
export function buildRequest(input: unknown, options: RequestOptions): RunRequest {
  const { protocol, model, body, schema } = options
  const content = {
    ...body,
    ...(model !== undefined && { model }),
    ...inputBody(input, protocol),
    stream: true,
  }
  return {
    url: targetUrl(options),
    headers: {
      ...Object.fromEntries(new Headers(options.headers)),
      'accept': 'text/event-stream',
      'content-type': 'application/json',
      [HEADERS.requestedWith]: REQUESTED_WITH,
    },
    body: JSON.stringify(schema ? withSchema(content, protocol, schema) : content),
    fetch: options.fetch,
  }
}

/** Tells a DOM event, which a template passes to `@click="start"`, from an input. */
export function isDomEvent(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'preventDefault' in input
}

/**
 * Why an answer cannot be read as a stream, or `undefined`. `json`: its body, where that is an error object of the
 * upstream's, for the protocol's decoder to name.
 */
export async function checkResponse(response: Response): Promise<{ error?: StreamError, json?: unknown }> {
  const type = response.headers.get('content-type') ?? ''
  const streams = type.includes('text/event-stream')
  if (response.ok && streams) return {}
  const body = type.includes('json') ? await response.json().catch(() => undefined) as unknown : undefined
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
  if (typeof body === 'object' && body !== null && 'error' in body) return { json: body }
  return {
    error: new StreamError({
      code: 'bad_content_type',
      message: `The server answered with ${type || 'no content type'} instead of text/event-stream: check the address and what stands in front of the relay.`,
      status,
    }),
  }
}

function inputBody(input: unknown, protocol: ProtocolName): object | undefined {
  if (input === undefined || input === null || isDomEvent(input)) return
  if (typeof input === 'string') {
    return protocol === 'responses' ? { input } : { messages: [{ role: 'user', content: input }] }
  }
  if (typeof input === 'object' && !Array.isArray(input)) return input
  throw new StreamError({
    code: 'invalid_request',
    message: 'start() takes a string, { messages }, { input } or a whole request body.',
  })
}

/** Asks for JSON of a schema in the protocol's own way; the caller's own words for it win. */
function withSchema(body: Record<string, unknown>, protocol: ProtocolName, schema: Record<string, unknown>): object {
  switch (protocol) {
    // [wire] https://platform.openai.com/docs/api-reference/chat/create#chat_create-response_format
    case 'chat': return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } }, ...body }
    // [wire] https://platform.openai.com/docs/api-reference/responses/create#responses_create-text
    case 'responses': return { ...body, text: { format: { type: 'json_schema', name: 'answer', schema, strict: true }, ...body.text as object | undefined } }
    // [wire] https://docs.anthropic.com/en/docs/build-with-claude/structured-outputs
    case 'messages': return { ...body, output_config: { format: { type: 'json_schema', schema }, ...body.output_config as object | undefined } }
  }
}

function targetUrl({ url, endpoint, upstream, protocol }: Target): string {
  if (url) return url
  const base = endpoint.replace(/\/+$/, '')
  return `${base}${upstream ? `/${upstream}` : ''}/${PROTOCOL_PATHS[protocol]}`
}

/** [spec] https://www.rfc-editor.org/rfc/rfc9110#field.retry-after: seconds, or a date. */
function retryAfter(header: string | null): number | undefined {
  if (!header) return
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return ms >= 0 ? ms : undefined
}
