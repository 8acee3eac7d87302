import type { Exchange } from '../../../../../src/runtime/server/relay/exchange'
import { relayError } from '../../../../../src/runtime/server/relay/failures'
import type { ClientListener, ClientSink } from '../../../../../src/runtime/server/relay/sink'

export interface TestAnswer {
  status: number
  headers: Record<string, string>
  text: string
  json: () => Record<string, unknown>
}

export interface TestExchange extends Exchange {
  /** Settles when the answer has ended. */
  answer: Promise<TestAnswer>
  /** The client goes away. */
  leave: () => void
  /** Bytes of the body that were asked for. */
  readonly bodyRead: boolean
}

interface Given extends Partial<Pick<Exchange, 'method' | 'url' | 'scheme' | 'address' | 'headers'>> {
  /** A string is sent as it is, anything else as JSON. */
  body?: unknown
  /** A body that never arrives whole. */
  stalls?: boolean
}

/** A request as an adapter would hand it over, and its answer, without a socket. */
export function testExchange({ body = {}, stalls = false, ...given }: Given = {}): TestExchange {
  const chunks: Uint8Array[] = []
  let status = 0
  let headers: Record<string, string> = {}
  let settle: (answer: TestAnswer) => void
  let bodyRead = false
  let client: ClientListener | undefined

  const sink: ClientSink = {
    head(code, fields) { status = code; headers = fields },
    write(bytes) { chunks.push(bytes); return true },
    drained: () => Promise.resolve(),
    end() {
      const text = new TextDecoder().decode(Uint8Array.from(chunks.flatMap(chunk => [...chunk])))
      settle({ status, headers, text, json: () => JSON.parse(text) })
    },
    destroy() {},
    onGone: (listener) => { client = listener },
  }

  return {
    method: 'POST',
    url: '/api/llm/chat/completions',
    scheme: 'http',
    address: '192.0.2.1',
    ...given,
    headers: { 'host': 'app.example', 'content-type': 'application/json', ...given.headers },
    sink,
    event: { test: 'event' },
    async readBody(limit, signal) {
      bodyRead = true
      signal.throwIfAborted()
      if (stalls) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
      const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
      if (bytes.byteLength > limit) throw relayError('body_too_large')
      return bytes
    },
    answer: new Promise(resolve => settle = resolve),
    leave: () => client?.onGone(),
    get bodyRead() { return bodyRead },
  }
}
