/** OpenTelemetry's tracer, by structure: `trace.getTracer(…)` of `@opentelemetry/api` fits. */
export interface Tracer {
  startSpan: (name: string, options?: { kind?: number, attributes?: SpanAttributes }) => Span
}

export interface Span {
  setAttributes: (attributes: SpanAttributes) => unknown
  addEvent: (name: string, attributes?: SpanAttributes) => unknown
  setStatus: (status: { code: number, message?: string }) => unknown
  end: () => void
}

export type SpanAttributes = Record<string, string | number | boolean>
