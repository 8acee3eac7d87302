import { isStreamError } from '../../shared/errors'
import type { ProtocolName } from '../../shared/wire'
import type { AttemptObserver, DeliveryTarget } from './deliver'

/** OpenTelemetry's tracer, by structure: `trace.getTracer(…)` of `@opentelemetry/api` fits. */
export interface Tracer {
  startSpan: (name: string, options?: { kind?: number, attributes?: SpanAttributes }) => Span
}

/** OpenTelemetry's span, by structure. */
export interface Span {
  setAttributes: (attributes: SpanAttributes) => unknown
  addEvent: (name: string, attributes?: SpanAttributes) => unknown
  setStatus: (status: { code: number, message?: string }) => unknown
  end: () => void
}

/** Names and numbers of a span; no content. */
export type SpanAttributes = Record<string, string | number | boolean>

export interface Attempt {
  target: DeliveryTarget
  /** From 1, retries and fallbacks included. */
  number: number
  protocol: ProtocolName
  requestId: string
}

/** [spec] https://opentelemetry.io/docs/specs/otel/trace/api/: `SpanKind.CLIENT`, `StatusCode.ERROR`. */
const CLIENT = 2
const ERROR = 2

/** A span for one call upstream: what was called and how it went, no content. A tracer that throws harms nobody. */
export function traceAttempt(tracer: Tracer, { target: { upstream, model }, number, protocol, requestId }: Attempt): AttemptObserver | undefined {
  return safely(() => {
    // [spec] `chat` for every protocol: a name of the list is to be used where one fits, and it has no other for answers to a
    // conversation. https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
    const span = tracer.startSpan(`chat ${model}`, {
      kind: CLIENT,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': upstream.provider ?? upstream.name,
        'gen_ai.request.model': model,
        'server.address': upstream.urls[protocol]!.hostname,
        'llm_stream.upstream': upstream.name,
        'llm_stream.protocol': protocol,
        'llm_stream.attempt': number,
        'llm_stream.request_id': requestId,
      },
    })
    return {
      onFirst: what => what === 'byte' && safely(() => span.addEvent('first_byte')),
      onEnd: ({ error, status, usage, events }) => safely(() => {
        span.setAttributes({
          'llm_stream.events': events,
          ...(status !== undefined && { 'http.response.status_code': status }),
          ...(usage && { 'gen_ai.usage.input_tokens': usage.inputTokens, 'gen_ai.usage.output_tokens': usage.outputTokens }),
        })
        if (isStreamError(error)) {
          span.setAttributes({ 'error.type': error.code })
          span.setStatus({ code: ERROR, message: error.code })
        }
        else if (error !== undefined) {
          span.addEvent('abort')
        }
        span.end()
      }),
    }
  })
}

function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  }
  catch {
    // Tracing is the app's: a run does not fail of it.
  }
}
