import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { MaybeRef, MaybeRefOrGetter, WatchSource } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import type { Timeouts } from '../run/deadlines'
import type { StreamHooks } from '../run/hooks'
import type { RequestBodies } from '../run/input'
import type { Concurrency } from '../run/plan'
import type { Publish } from '../run/publisher'
import type { Fetch } from '../run/request'

/**
 * Options of `useStream`. Values that may be refs or getters are resolved when `start` is called, and at no other time:
 * each run gets the values of its moment.
 */
export interface UseStreamOptions<TObject = never, TProtocol extends ProtocolName = 'chat'> extends StreamHooks<TObject> {
  /** Name of the relay's upstream. @default the upstream `default` */
  upstream?: MaybeRefOrGetter<string | undefined>
  /** Wire format: Chat Completions, the Responses API or Anthropic Messages. @default 'chat' */
  protocol?: MaybeRefOrGetter<TProtocol | undefined>
  /** One of the models that the relay allows. @default the relay's first */
  model?: MaybeRefOrGetter<string | undefined>
  /** Request parameters, laid under what `start` is given, key by key. Each may be a ref. */
  body?: MaybeRefOrGetter<MaybeRefs<RequestBodies[TProtocol]> | undefined>
  /** Headers to send along. The relay reads none of them, the app's `authorize` may. */
  headers?: MaybeRefOrGetter<HeadersInit | undefined>
  /** Base address of the relay. @default what `createLlmStream` or the Nuxt module says */
  endpoint?: MaybeRefOrGetter<string | undefined>
  /** Exactly the address to post to, such as a `defineLlmStreamHandler` route; `endpoint` and `upstream` then mean nothing. */
  url?: MaybeRefOrGetter<string | undefined>
  /** Sends the request in place of the global `fetch`. */
  fetch?: Fetch
  /**
   * A Standard Schema that also gives its JSON Schema (zod does; valibot with `toStandardJsonSchema`). The upstream is asked
   * for JSON that follows it, `object` shows it while it grows, and the whole of it is validated at the end.
   */
  schema?: MaybeRefOrGetter<StandardSchemaV1<unknown, TObject> | undefined>
  /** Starts when the component is mounted, unless its `key` has an answer already. A call costs money, so nothing starts by itself unless told. @default false */
  immediate?: boolean
  /** Starts again whenever one of these changes, from the mounting of the component on: refs, getters and reactive objects. */
  watch?: WatchSource | object | readonly (WatchSource | object)[]
  /** What becomes of a `start()` while a run is under way: `replace` ends that run, `queue` waits for it, `reject` fails with `busy`. @default 'replace' */
  concurrency?: MaybeRefOrGetter<Concurrency | undefined>
  /** Components of one app that use the same key share one stream; the options of the first of them that is still there count. */
  key?: string
  /** Leaves the run going when its component is gone; with a `key` it can be seen again. @default false */
  keepAlive?: boolean
  /** When new text is shown: once per painted frame, with each chunk that is read, or at most every so many milliseconds. @default 'frame' */
  publish?: MaybeRefOrGetter<Publish | undefined>
  /** Deadlines in milliseconds; `Infinity`: none. A deadline that passes fails the run and keeps its text. */
  timeouts?: MaybeRefOrGetter<TimeoutOptions | undefined>
  /** Attempts after a failed one, made only while nothing has been shown and only where the error says `retryable`. The relay retries too. @default 0 */
  retry?: MaybeRefOrGetter<number | undefined>
  /** Asks for a run that survives a lost connection or a reload; the relay must have `resume` on. @default false */
  resume?: MaybeRefOrGetter<boolean | undefined>
}

/** An object whose fields may be refs. */
export type MaybeRefs<T> = { [K in keyof T]: MaybeRef<T[K]> }

/** Deadlines of a run, in milliseconds. */
export interface TimeoutOptions extends Partial<Timeouts> {
  /** From the request to the first byte of the answer. @default 120000 */
  firstByte?: number
  /** Between two bytes, heartbeats included. @default the longer of 60 s and 3 heartbeats; none if the relay sends no heartbeat */
  idle?: number
  /** From `start` to the end. @default Infinity, since the relay has one */
  total?: number
}
