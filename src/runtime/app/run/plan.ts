import type { StreamError } from '../../shared/errors'
import type { AnySchema } from '../../shared/schema'
import type { Timeouts } from './deadlines'
import type { Publish } from './publisher'
import type { RequestOptions } from './request'
import type { Snapshot } from './snapshot'

/** What becomes of a `start()` while a run is under way: it ends that run, waits for it, or fails with `busy`. */
export type Concurrency = 'replace' | 'queue' | 'reject'

/** A run that was left. */
export interface ComeBack {
  runId: string
  /** What is shown of it already: until more has come, nothing changes. */
  shown?: Snapshot
}

/** A run as it was asked for, every option resolved: `retry()` repeats it. */
export interface Plan {
  concurrency: Concurrency
  /** Why there is nothing to send: an option that threw. The run fails with it. */
  error?: StreamError
  request: RequestOptions
  /** What the text must be, as JSON. */
  schema?: AnySchema
  timeouts: Timeouts
  /** Attempts after the first one, made only while nothing has been shown. */
  retry: number
  /** Asks for a run that outlives its connection. */
  resumable: boolean
  /** Comes back to this run instead of sending the request. */
  comeBack?: ComeBack
  publish: Publish
}
