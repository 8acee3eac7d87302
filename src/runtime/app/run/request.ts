import { StreamError } from '../../shared/errors'
import { HEADERS, PROTOCOL_PATHS, REQUESTED_WITH } from '../../shared/wire'
import type { ProtocolName } from '../../shared/wire'
import type { Structured } from './structured'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Everything that one request needs, resolved: `retry()` sends it again as it is. */
export interface RunRequest {
  url: string
  method: 'POST' | 'GET' | 'DELETE'
  headers: Record<string, string>
  body?: string
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

/** What a request is made of, resolved. */
export interface RequestOptions extends Target {
  /** What `start` was given: it wins over all else. */
  input: unknown
  model?: string
  /** Laid under the input, key by key. */
  body?: Record<string, unknown>
  headers?: HeadersInit
  fetch: Fetch
}

/** Builds the request of a run. `ask`: adds to its body what the answer must be like. */
export function buildRequest(options: RequestOptions, ask?: Structured['ask']): RunRequest {
  const { input, protocol, model, body } = options
  const content = {
    ...body,
    ...(model !== undefined && { model }),
    ...inputBody(input, protocol),
    stream: true,
  }
  return {
    url: targetUrl(options),
    method: 'POST',
    headers: { ...buildHeaders(options.headers), 'content-type': 'application/json' },
    body: JSON.stringify(ask ? ask(content) : content),
    fetch: options.fetch,
  }
}

/** The headers of every request to a relay, over the app's own. */
export function buildHeaders(own: HeadersInit | undefined): Record<string, string> {
  return { ...Object.fromEntries(new Headers(own)), accept: 'text/event-stream', [HEADERS.requestedWith]: REQUESTED_WITH }
}

/** Tells a DOM event, which a template passes to `@click="start"`, from an input. */
export function isDomEvent(input: unknown): boolean {
  return typeof input === 'object' && input !== null && 'preventDefault' in input
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

function targetUrl({ url, endpoint, upstream, protocol }: Target): string {
  if (url) return url
  const base = endpoint.replace(/\/+$/, '')
  return `${base}${upstream ? `/${upstream}` : ''}/${PROTOCOL_PATHS[protocol]}`
}
