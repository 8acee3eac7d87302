import { createSseReader } from '../../src/runtime/shared/sse'
import type { SseMessage } from '../../src/runtime/shared/sse'
import type { ErrorJson } from '../../src/runtime/shared/errors'
import { PROTOCOL_PATHS } from '../../src/runtime/shared/wire'
import type { ProtocolName } from '../../src/runtime/shared/wire'

export interface AskOptions {
  protocol?: ProtocolName
  /** Laid over a small streaming request. */
  body?: Record<string, unknown>
  headers?: Record<string, string>
  signal?: AbortSignal
  /** How the relay is reached. @default the global one */
  fetch?: typeof globalThis.fetch
}

/** What a client of the relay gets. */
export interface RelayAnswer {
  status: number
  headers: Headers
  /** Every byte of the body, as text. */
  text: string
  /** The messages before the error frame. */
  messages: SseMessage[]
  /** The relay's error, from the body or the last frame. */
  error: ErrorJson | undefined
  /** Whether the body came to a proper end. */
  whole: boolean
}

/** A small request in each protocol's words. */
const PROMPTS = {
  chat: { messages: [{ role: 'user', content: 'Hi' }] },
  responses: { input: 'Hi' },
  messages: { messages: [{ role: 'user', content: 'Hi' }] },
}

/** Asks the relay at `url` (origin and route) for one answer. */
export function post(url: string, { protocol = 'chat', body, headers, signal, fetch = globalThis.fetch }: AskOptions = {}): Promise<Response> {
  return fetch(`${url}/${PROTOCOL_PATHS[protocol]}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ stream: true, ...PROMPTS[protocol], ...body }),
    signal,
  })
}

/** Asks, and reads all of the answer. */
export async function ask(url: string, options?: AskOptions): Promise<RelayAnswer> {
  return readAnswer(await post(url, options))
}

export async function readAnswer(response: Response): Promise<RelayAnswer> {
  const { bytes, whole } = await readBytes(response)
  const text = new TextDecoder().decode(bytes)
  const messages = readMessages(bytes)
  const streamed = response.headers.get('content-type')?.startsWith('text/event-stream')
  const last = messages.at(-1)
  const errorText = streamed ? last?.event === 'error' ? messages.pop()!.data : undefined : text
  return { status: response.status, headers: response.headers, text, messages, error: errorText ? JSON.parse(errorText).error : undefined, whole }
}

async function readBytes(response: Response): Promise<{ bytes: Uint8Array, whole: boolean }> {
  const chunks: Uint8Array[] = []
  try {
    const reader = response.body!.getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value)
    return { bytes: Buffer.concat(chunks), whole: true }
  }
  catch {
    return { bytes: Buffer.concat(chunks), whole: false } // what came before the break is what a test wants to see
  }
}

function readMessages(bytes: Uint8Array): SseMessage[] {
  const messages: SseMessage[] = []
  const reader = createSseReader(message => messages.push(message))
  reader.push(bytes)
  reader.end()
  return messages
}
