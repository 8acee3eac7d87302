import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import { relayError } from '../../src/runtime/server/relay/failures'
import type { BodyListener, Transport } from '../../src/runtime/server/relay/transport'

/** The transport over undici's dispatcher: no product, kept to be measured against the one that ships. */
export function createUndiciTransport(): Transport {
  const agent = new Agent({ allowH2: false, headersTimeout: 0, bodyTimeout: 0 })
  return {
    open: ({ url, method, headers, body }, signal) => new Promise((resolve, reject) => {
      let listener: BodyListener | undefined
      let control: Dispatcher.DispatchController | undefined
      const stop = () => control?.abort(signal.reason)
      const over = () => signal.removeEventListener('abort', stop)

      agent.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body: Buffer.from(body) }, {
        onRequestStart(controller) {
          control = controller
          signal.addEventListener('abort', stop)
        },
        onResponseStart(controller, status, answered) {
          if (status < 200) return
          controller.pause()
          resolve({ status, headers: answered as Record<string, string>, body: {
            start(given) {
              listener = given
              controller.resume()
            },
            pause: () => controller.pause(),
            resume: () => controller.resume(),
            finish() { listener = undefined },
            cancel() {
              listener = undefined
              if (!controller.aborted) controller.abort(new Error('cancelled'))
            },
          } })
        },
        onResponseData(_, bytes) {
          listener?.chunk(bytes)
        },
        onResponseEnd() {
          over()
          listener?.end()
        },
        onResponseError(_, error) {
          over()
          reject(relayError('upstream_unreachable', { cause: error }))
          listener?.fail(signal.aborted ? signal.reason : relayError('upstream_reset', { cause: error }))
        },
      })
    }),
  }
}
