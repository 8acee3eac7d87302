import type { StreamError } from '../../shared/errors'
import type { ProtocolName } from '../../shared/wire'
import type { Limits } from './defaults'
import type { StreamLog } from './logs/log'
import type { RunRecord } from './record'
import type { RedisClient } from './redis'
import type { Tracer } from './tracing'

/**
 * The app's own rules: what `defineLlmStream` takes and `createRelay` takes beside its options. `TEvent` is what hooks get as
 * `event`: the `H3Event` in Nuxt, the `Request` or `IncomingMessage` elsewhere.
 */
export interface LlmStreamRules<TEvent = unknown> {
  /**
   * Says who is asking, before the body is read; at most 10 s. `null` is answered 401, a thrown error with a 4xx status by
   * that status, any other thrown error 403.
   */
  authorize?: (event: TEvent, request: AuthorizeRequest) => Authorization | null | Promise<Authorization | null>
  /**
   * The last word on the request's body: what is returned goes upstream without another check, except that `stream` stays as
   * the client asked; at most 10 s. A throw is answered 500 `prepare_failed`.
   */
  prepare?: (body: RequestBody, context: PrepareContext<TEvent>) => RequestBody | Promise<RequestBody>
  /** Called once, when it is first needed. The client stays the app's to close; the relay uses duplicates of it. */
  redis?: () => RedisClient | Promise<RedisClient>
  /** Where resumable runs are kept, in place of the relay's own drivers. Stays the app's to close. */
  log?: StreamLog
  /** OpenTelemetry's: a span per upstream attempt, without content. */
  tracer?: Tracer
  /** Once per run, whatever its outcome; not awaited. No content is in the record. */
  onFinish?: (record: RunRecord) => unknown
  /** For each request that the relay refused and each run that failed; not awaited. */
  onError?: (error: StreamError, context: ErrorContext<TEvent>) => unknown
}

/** What is asked for. For `resume` and `stop` there is only the action. */
export type AuthorizeRequest
  = | {
    action: 'run'
    /** Name of the upstream. */
    upstream: string
    protocol: ProtocolName
    /** Awaiting it reads and checks the body, and gives the name on the allow-list that it asks for. */
    model: PromiseLike<string>
  }
  | { action: 'resume' | 'stop', upstream?: undefined, protocol?: undefined, model?: undefined }

/** Who is asking. */
export interface Authorization {
  /** Stable and unique to the user: limits, budgets and ownership of runs go by it. */
  subject: string
  /** Over the relay's own limits, for this subject. */
  limits?: Partial<Limits>
}

/** The JSON of a request, in the upstream's own wire format. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an app's `prepare` reads `body.messages` without a cast
export type RequestBody = Record<string, any>

/** What `prepare` gets beside the body. */
export interface PrepareContext<TEvent = unknown> {
  event: TEvent
  subject: string
  /** Name of the upstream that gets this body; with a fallback `prepare` runs for each. */
  upstream: string
  protocol: ProtocolName
  /** The real name, as the upstream knows it. */
  model: string
  /** As the client asked; its alias, or the default's when it named none. */
  requestedModel: string
  /** Aborts when the client is gone. */
  signal: AbortSignal
}

/** What is known of a request that failed; the later it failed, the more. */
export interface ErrorContext<TEvent = unknown> {
  event: TEvent
  requestId: string
  subject?: string
  upstream?: string
  protocol?: ProtocolName
  model?: string
}
