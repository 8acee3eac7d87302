import type { ProtocolName } from '../../shared/wire'
import type { DeliveryTarget } from './deliver'
import type { TransportRequest } from './transport'

/** The request to an upstream. Nothing of the client's is in it but the body that policy made. */
export function toTransportRequest({ upstream, body }: DeliveryTarget, protocol: ProtocolName, stream: boolean, idempotencyKey: string): TransportRequest {
  return {
    url: upstream.urls[protocol]!,
    method: 'POST',
    headers: {
      'user-agent': 'nuxt-llm-stream',
      ...upstream.headers,
      'content-type': 'application/json',
      'accept': stream ? 'text/event-stream' : 'application/json',
      'accept-encoding': 'identity',
      ...(upstream.quirks.idempotencyKey && { 'idempotency-key': idempotencyKey }),
    },
    body,
    allowPrivate: upstream.allowPrivate,
    connectTimeout: upstream.timeouts.connect,
  }
}
