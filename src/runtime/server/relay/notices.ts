import type { StreamError } from '../../shared/errors'
import { isRefusal } from './authorize'
import type { Call } from './call'
import { notify } from './hooks'
import type { Logger } from './logger'
import { describeError, sparing } from './logger'
import { errorCode } from './network-errors'
import type { RunRecord } from './record'
import type { LlmStreamRules } from './rules'

/** Tells the app's `onFinish` and `onError`, and the log what went wrong in the app or at an upstream. No answer waits for it. */
export interface Notices {
  finished: (record: RunRecord, call: Call) => void
  /** `upstream`: the one that failed, where it is not the one that was asked for. */
  failed: (error: StreamError, call: Call, upstream?: string) => void
}

export function createNotices({ onFinish, onError }: LlmStreamRules, logger: Logger): Notices {
  const complain = sparing(logger)
  return {
    finished(record, { exchange }) {
      if (onFinish) keep(exchange, notify('onFinish', () => onFinish(record), complain))
    },
    failed(error, { exchange, context, requestId }, upstream = context.upstream) {
      if (isOurs(error)) complain(error.code, `${error.code}, request ${requestId}: ${describeError(error.cause)}`)
      else if (isTheirs(error)) complain(`${error.code} ${upstream}`, `${error.code} of the upstream "${upstream}", request ${requestId}${reasonOf(error.cause)}`)
      if (onError) keep(exchange, notify('onError', () => onError(error, { ...context }), complain))
    },
  }
}

/** Some platforms stop a process that has answered. */
function keep(exchange: Call['exchange'], work: Promise<void>): void {
  exchange.waitUntil?.(work)
}

/** Whether the fault is on this server. */
function isOurs({ code, cause }: StreamError): boolean {
  return code === 'internal' || code === 'prepare_failed' || (code === 'forbidden' && cause !== undefined && !isRefusal(cause))
}

/** Failures whose only sign is at the client, unless the log names them. */
const THEIRS = new Set<string>(['idle_timeout', 'total_timeout', 'event_too_large', 'stream_limit'])

/** Whether an upstream failed. One that rejects a request with 400 was asked for something wrong, and it may be a user who did. */
function isTheirs({ code, status }: StreamError): boolean {
  return THEIRS.has(code) || (code.startsWith('upstream_') && !(code === 'upstream_rejected' && status === 400))
}

/** The status that an upstream answered, or the system's word for why it did not. Neither can hold a key or content. */
function reasonOf(cause: unknown): string {
  const { status } = (cause ?? {}) as { status?: unknown }
  const reason = typeof status === 'number' ? `status ${status}` : errorCode(cause)
  return reason && `: ${reason}`
}
