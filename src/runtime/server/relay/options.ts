import type { ProtocolName } from '../../shared/wire'

/** An upstream with every default in place: what the steps of the relay work with. */
export interface ResolvedUpstream {
  name: string
  /** Row of the provider table, for messages and records. */
  provider: string | undefined
  /** Where each protocol that it speaks is reached: base URL and path, joined once. */
  urls: Partial<Record<ProtocolName, URL>>
  /** Key header, fixed headers and the provider's own, lower-case; built once. */
  headers: Record<string, string>
  /** Alias → real name, in order; the first is the default. `undefined`: every model (development only). */
  models: ReadonlyMap<string, string> | undefined
  allowPrivate: boolean
  /** Attempts after the first. */
  retries: number
  timeouts: Timeouts
  /** Name of the upstream that takes over before the first byte. */
  fallback: string | undefined
  /** Quirk flags of the provider row. */
  quirks: UpstreamQuirks
}

/** What the relay does differently for an upstream (wire.md §8). */
export interface UpstreamQuirks {
  /** Name of the output-size parameter of Chat Completions. */
  chatOutputKey: 'max_tokens' | 'max_completion_tokens'
  /** Whether `stream_options.include_usage` is known to be accepted. */
  includeUsage: boolean
  /** Whether an `Idempotency-Key` is sent, the same on every attempt of a run. */
  idempotencyKey: boolean
}

/** Milliseconds; what each spans: relay.md §4. A violation aborts the upstream. */
export interface Timeouts {
  body: number
  connect: number
  firstByte: number
  byteIdle: number
  eventIdle: number
  total: number
  slowClient: number
}
