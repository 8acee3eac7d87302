import type { DeliveryTarget } from './deliver'
import type { TransportRequest, TransportResponse } from './transport'
import type { ProtocolName } from '../../shared/wire'
import { errorOfStatus, readUpstreamError } from './upstream-errors'

/** Bytes that are read of an answer that is not what was asked for. */
const REFUSAL_BYTES = 64 * 1024

/** The request to an upstream. Nothing of it comes from the client but the body that policy made. */
export function toTransportRequest({ upstream, body }: DeliveryTarget, protocol: ProtocolName, stream: boolean): TransportRequest {
  return {
    url: upstream.urls[protocol]!,
    method: 'POST',
    headers: {
      ...upstream.headers,
      'content-type': 'application/json',
      'accept': stream ? 'text/event-stream' : 'application/json',
      'accept-encoding': 'identity',
    },
    body,
    allowPrivate: upstream.allowPrivate,
    connectTimeout: upstream.timeouts.connect,
  }
}

/** Reads what there is of a refusal's body, to tell its kind, and gives the error it stands for. */
export async function readRefusal(response: TransportResponse, signal: AbortSignal): Promise<ReturnType<typeof errorOfStatus>> {
  const bytes = await readBody(response, REFUSAL_BYTES, signal)
  return errorOfStatus(response.status, readUpstreamError(parse(bytes)))
}

/** The body's bytes, or as many as the limit allows. Never rejects: what breaks off is enough. */
export function readBody({ body }: TransportResponse, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    let length = 0
    signal.addEventListener('abort', finish)
    body.start({
      chunk(bytes) {
        chunks.push(bytes)
        length += bytes.length
        if (length >= limit) finish()
      },
      end: finish,
      fail: finish,
    })
    function finish() {
      signal.removeEventListener('abort', finish)
      body.cancel()
      const whole = new Uint8Array(length)
      let at = 0
      for (const chunk of chunks) {
        whole.set(chunk, at)
        at += chunk.length
      }
      resolve(whole.subarray(0, limit))
    }
  })
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  }
  catch {
    return undefined
  }
}
