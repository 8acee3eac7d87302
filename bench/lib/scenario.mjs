/**
 * What the fake upstream is to send, carried in the user's message, so that every relay passes it on unknowingly.
 * `perSecond` 0: as fast as the socket takes it. `pad`: extra bytes per event.
 */
export function requestBody({ events, perSecond = 0, pad = 0 }) {
  return JSON.stringify({ model: 'bench', stream: true, messages: [{ role: 'user', content: JSON.stringify({ events, perSecond, pad }) }] })
}

export function readScenario(body) {
  return JSON.parse(JSON.parse(body).messages.at(-1).content)
}

/** One event of Chat Completions that says when it was made, on this process's clock. */
export function formatEvent(index, pad) {
  return `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,"model":"bench","choices":[{"index":0,"delta":{"content":" word${index % 10}${'.'.repeat(pad)}"},"finish_reason":null}],"t":${performance.now().toFixed(3)}}\n\n`
}

export const LAST_EVENTS = 'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,"model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
