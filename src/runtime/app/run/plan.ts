import type { StreamError } from '../../shared/errors'
import type { AnySchema } from '../../shared/schema'
import type { Timeouts } from './deadlines'
import type { Publish } from './publisher'
import type { RequestOptions } from './request'

/** What becomes of a `start()` while a run is under way: it ends that run, waits for it, or fails with `busy`. */
export type Concurrency = 'replace' | 'queue' | 'reject'

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
  publish: Publish
}
