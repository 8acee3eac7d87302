import type { StreamError } from '../../shared/errors'
import { isRefusal } from './authorize'
import type { Call } from './call'
import { notify } from './hooks'
import type { Logger } from './logger'
import { describeError } from './logger'
import type { RunRecord } from './record'
import type { LlmStreamRules } from './rules'

/** Tells the app's `onFinish` and `onError`, and the log what the app itself did wrong. No answer waits for it. */
export interface Notices {
  finished: (record: RunRecord, call: Call) => void
  failed: (error: StreamError, call: Call) => void
}

export function createNotices({ onFinish, onError }: LlmStreamRules, logger: Logger): Notices {
  return {
    finished(record, { exchange }) {
      if (onFinish) keep(exchange, notify('onFinish', () => onFinish(record), logger))
    },
    failed(error, { exchange, context, requestId }) {
      if (isOurs(error)) logger.error(`${error.code}, request ${requestId}: ${describeError(error.cause)}`)
      if (onError) keep(exchange, notify('onError', () => onError(error, { ...context }), logger))
    },
  }
}

/** Some platforms stop a process that has answered. */
function keep({ waitUntil }: Call['exchange'], work: Promise<void>): void {
  waitUntil?.(work)
}

/** Whether the fault is on this server. */
function isOurs({ code, cause }: StreamError): boolean {
  return code === 'internal' || code === 'prepare_failed' || (code === 'forbidden' && cause !== undefined && !isRefusal(cause))
}
