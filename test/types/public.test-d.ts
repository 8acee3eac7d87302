import type { FileUIPart, ReasoningUIPart, SourceDocumentUIPart, SourceUrlUIPart, TextUIPart } from 'ai'
import type {
  FilePart, ReasoningPart, SourcePart, StreamEvent, StreamPart, StreamResult, TextPart, ToolCall,
} from '../../src/runtime/shared/index'
import { StreamError, collectStream, initialState, isStreamError, readStream, reduceStream } from '../../src/runtime/shared/index'

// This file is checked with the sources: it holds when it compiles.

declare const body: ReadableStream<Uint8Array>

/** Components written for AI SDK take these parts as they are. */
declare const parts: { text: TextPart, reasoning: ReasoningPart, source: SourcePart, file: FilePart }
export const shown: [TextUIPart, ReasoningUIPart, SourceUrlUIPart | SourceDocumentUIPart, FileUIPart]
  = [parts.text, parts.reasoning, parts.source, parts.file]

export async function read(): Promise<StreamResult> {
  let state = initialState()
  for await (const event of readStream(body, { protocol: 'chat', limits: { eventBytes: 1024 } })) {
    state = reduceStream(state, event)
    if (event.type === 'text-delta') event.delta satisfies string
    if (event.type === 'tool-call-start') event.id satisfies string
    if (event.type === 'end') event.error satisfies StreamError | undefined
    // @ts-expect-error only deltas have one
    if (event.type === 'usage') event.delta satisfies string
  }
  // @ts-expect-error a state is replaced, never changed
  state.head = undefined
  return collectStream(body, { protocol: 'messages' })
}

// @ts-expect-error there is no such protocol
export const unknown = readStream(body, { protocol: 'gemini' })
// @ts-expect-error the protocol is not guessed
export const guessed = collectStream(body)

export function failed(result: StreamResult, thrown: unknown): boolean {
  result.outcome satisfies 'complete' | 'length' | 'content-filter' | 'tool-calls' | 'stopped' | 'truncated' | 'failed' | null
  result.toolCalls satisfies readonly ToolCall[]
  result.choices[0]?.parts satisfies readonly StreamPart[] | undefined
  // @ts-expect-error whatever the schema says: it has to be told
  void result.object?.title
  return isStreamError(thrown) && thrown.code === 'upstream_truncated' && thrown.retryable
}

/** Every kind of part has its case, and TypeScript knows when one is missing. */
export function label(part: StreamPart): string {
  switch (part.type) {
    case 'text': case 'reasoning': case 'refusal': return part.text
    case 'tool-call': return `${part.name}(${part.arguments})`
    case 'server-tool': return part.name
    case 'source-url': return part.url
    case 'source-document': return part.title
    case 'file': return part.mediaType
  }
}

export const error = new StreamError({ code: 'network_error', message: 'The connection broke.' })
// @ts-expect-error codes are a union
export const misspelt = new StreamError({ code: 'network-error', message: 'x' })

export const event: StreamEvent = { type: 'text-delta', part: 0, delta: 'x' }
// @ts-expect-error a delta belongs to a part
export const homeless: StreamEvent = { type: 'text-delta', delta: 'x' }
