import type { StreamErrorCode } from '../../src/runtime/shared/errors'
import type { RunRecord } from '../../src/runtime/server/relay/record'
import type { LlmStreamRules } from '../../src/runtime/server/relay/rules'
import type { Span } from '../../src/runtime/server/relay/tracing'

/** What the hooks of an app under test were told, in order. */
export interface TestLog {
  records: RunRecord[]
  errors: { code: StreamErrorCode, requestId: string }[]
  /** What was said to the tracer. */
  spans: unknown[]
  /** Whether the relay's answers had ended when Nitro's `afterResponse` was told of them. */
  ended?: boolean[]
}

/** An app's rules that each request chooses by its headers, so that one server serves every test. */
export function createTestRules<TEvent>(header: (event: TEvent, name: string) => string | undefined, log: TestLog): LlmStreamRules<TEvent> {
  return {
    async authorize(event, request) {
      switch (header(event, 'x-test-authorize')) {
        case 'null': return null
        case 'throw': throw new Error('authorize threw')
        case '403': throw Object.assign(new Error('not you'), { statusCode: 403 })
        case 'hang': return new Promise<never>(() => {})
        case 'model': await request.model
      }
      return { subject: header(event, 'x-test-user') ?? 'anonymous' }
    },
    prepare(body, { event }) {
      switch (header(event, 'x-test-prepare')) {
        case 'throw': throw new Error('prepare threw')
        case 'hang': return new Promise<never>(() => {})
        case 'system': return { ...body, messages: [{ role: 'system', content: 'Be brief.' }, ...body.messages] }
      }
      return body
    },
    onFinish(record) {
      log.records.push(record)
      return misbehave(record.subject)
    },
    onError({ code }, { requestId, subject }) {
      log.errors.push({ code, requestId })
      return misbehave(subject)
    },
    tracer: { startSpan: (name, options) => createSpan(log.spans, name, options) },
  }
}

function createSpan(spans: unknown[], name: string, options: unknown): Span {
  const told: unknown[] = [name, options]
  spans.push(told)
  return {
    setAttributes: attributes => told.push(attributes),
    addEvent: (event, attributes) => told.push(event, attributes),
    setStatus: status => told.push(status),
    end: () => {},
  }
}

/** Hooks of these subjects do not what hooks are for. */
function misbehave(subject: string | undefined): unknown {
  switch (subject) {
    case 'hooks-throw': throw new Error('a hook threw')
    case 'hooks-reject': return Promise.reject(new Error('a hook rejected'))
    case 'hooks-hang': return new Promise(() => {})
  }
}
