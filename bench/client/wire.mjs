/** The same text as N deltas, in the words of each library's wire, cut into chunks. */

const encoder = new TextEncoder()
const WORDS = ['the ', 'quick ', 'brown ', 'fox ', 'jumps ', 'over ', 'a ', 'lazy ', 'dog. ', 'Then ']

export const wordsOf = count => Array.from({ length: count }, (_, index) => WORDS[index % WORDS.length])

/** JSON in about so many pieces of 12 characters: a list of short notes. */
export function piecesOf(count) {
  const notes = Array.from({ length: Math.floor(count * 12 / 39) }, (_, index) => ({ note: 'written down', number: 10_000 + index % 1000 }))
  return JSON.stringify({ notes }).match(/.{1,12}/g)
}

const frame = message => `data: ${JSON.stringify(message)}\n\n`

const dialects = {
  /** Chat Completions, as OpenAI sends it. */
  chat: deltas => [
    ...deltas.map(content => frame({
      id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-mini', service_tier: 'default',
      choices: [{ index: 0, delta: { content }, finish_reason: null }], usage: null,
    })),
    frame({ id: 'chatcmpl-1', object: 'chat.completion.chunk', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
    'data: [DONE]\n\n',
  ],
  /** AI SDK's UI message stream. */
  ui: deltas => [
    frame({ type: 'start' }), frame({ type: 'start-step' }), frame({ type: 'text-start', id: '1' }),
    ...deltas.map(delta => frame({ type: 'text-delta', id: '1', delta })),
    frame({ type: 'text-end', id: '1' }), frame({ type: 'finish-step' }), frame({ type: 'finish' }), 'data: [DONE]\n\n',
  ],
  /** TanStack AI's events. */
  agui: deltas => [
    ...deltas.map(delta => frame({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', model: 'gpt-5-mini', timestamp: 1, delta })),
    frame({ type: 'RUN_FINISHED', runId: 'r', model: 'gpt-5-mini', timestamp: 1, finishReason: 'stop' }), 'data: [DONE]\n\n',
  ],
  /** One tool call whose arguments come in pieces. */
  tool: (deltas) => {
    const part = tool_calls => frame({ id: 'chatcmpl-1', choices: [{ index: 0, delta: { tool_calls }, finish_reason: null }] })
    return [
      part([{ index: 0, id: 'call_1', type: 'function', function: { name: 'save', arguments: '' } }]),
      ...deltas.map(delta => part([{ index: 0, function: { arguments: delta } }])),
      frame({ id: 'chatcmpl-1', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] }),
      'data: [DONE]\n\n',
    ]
  },
}

/** Chunks of an answer: one per event, or of so many bytes. */
export function chunksOf(dialect, deltas, chunkBytes) {
  const frames = dialects[dialect](deltas)
  if (!chunkBytes) return frames.map(text => encoder.encode(text))
  const bytes = encoder.encode(frames.join(''))
  const chunks = []
  for (let from = 0; from < bytes.length; from += chunkBytes) chunks.push(bytes.slice(from, from + chunkBytes))
  return chunks
}

/** A `fetch` that gives these chunks, one per read. */
export function fetchOf(chunks) {
  return async () => {
    let next = 0
    const body = new ReadableStream({
      pull(controller) {
        if (next < chunks.length) controller.enqueue(chunks[next++])
        else controller.close()
      },
    }, { highWaterMark: 0 })
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'x-vercel-ai-ui-message-stream': 'v1' } })
  }
}
