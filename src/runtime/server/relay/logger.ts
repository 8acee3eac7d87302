import { Misuse } from './misuse'
import { errorCode } from './network-errors'

/** Where the relay's own few lines go. No content, key or error object is ever in one. */
export interface Logger {
  warn: (message: string) => void
  error: (message: string) => void
}

/** The console, with a prefix that says whose lines they are. */
export const consoleLogger: Logger = {
  /* eslint-disable no-console -- the one place where the relay writes to the console */
  warn: message => console.warn(`[llm-stream] ${message}`),
  error: message => console.error(`[llm-stream] ${message}`),
  /* eslint-enable no-console */
}

/** Passes each message on once. */
export function once(logger: Logger): Logger {
  const seen = new Set<string>()
  const pass = (level: keyof Logger) => (message: string) => {
    if (seen.has(message)) return
    seen.add(message)
    logger[level](message)
  }
  return { warn: pass('warn'), error: pass('error') }
}

/** Says what goes wrong. What is of one kind is one trouble. */
export type Complain = (kind: string, message: string) => void

/**
 * Complains at most so often in a minute of one kind: an upstream that is down fails every run there is. How much was left out is
 * said with the next line.
 */
export function sparing(logger: Logger, linesPerMinute = 10): Complain {
  const kinds = new Map<string, { until: number, said: number, left: number }>()
  return (kind, message) => {
    const now = performance.now()
    let minute = kinds.get(kind)
    const left = minute?.left ?? 0
    if (!minute || now >= minute.until) kinds.set(kind, minute = { until: now + 60_000, said: 0, left: 0 })
    if (minute.said === linesPerMinute) {
      minute.left++
      return
    }
    minute.said++
    logger.error(minute.said === 1 && left > 0 ? `${message} (and ${left} more like it before)` : message)
  }
}

/** Kind, code and place of an error; its message may quote a prompt or a key, so it is left out unless it is ours. */
export function describeError(error: unknown): string {
  if (error instanceof Misuse) return error.message
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const frame = error.stack?.split('\n').find(line => /^\s+at /.test(line))
  return [error.name, codeOf(error), frame?.trim()].filter(Boolean).join(' ')
}

/** The system's word for what is wrong, or Redis's, whose errors begin with it: `ECONNREFUSED`, `WRONGPASS`, `OOM`. */
function codeOf(error: Error): string | undefined {
  return error.name === 'ReplyError' ? /^[A-Z]+\b/.exec(error.message)?.[0] : errorCode(error)
}
