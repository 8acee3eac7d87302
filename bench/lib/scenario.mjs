/**
 * What the fake upstream is to send, carried in the user's message, so that every relay passes it on unknowingly.
 * `perSecond` 0: as fast as the socket takes it. `pad`: extra bytes per event.
 */
export function requestBody({ events, perSecond = 0, pad = 0 }) {
  return JSON.stringify({ model: 'bench', stream: true, messages: [{ role: 'user', content: JSON.stringify({ events, perSecond, pad }) }] })
}

export function readScenario(body) {
  const { content } = JSON.parse(body).messages.at(-1)
  return JSON.parse(typeof content === 'string' ? content : content[0].text)
}

/**
 * One event of Chat Completions. Its text says which it is and when it was made, on this process's clock, so that relays that
 * write another format pass that on as well.
 */
export function formatEvent(index, pad) {
  return `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,"model":"bench","choices":[{"index":0,"delta":{"content":" ${STAMP}${index}:${performance.now().toFixed(3)};${'.'.repeat(pad)}"},"finish_reason":null}]}\n\n`
}

/** What a stamp begins with: `@7:1234.567;` is event 7. */
export const STAMP = '@'

export const LAST_EVENTS = 'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,"model":"bench","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
