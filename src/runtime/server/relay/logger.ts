import { Misuse } from './misuse'

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

/** Kind and place of an error; its message may quote a prompt or a key, so it is left out unless it is ours. */
export function describeError(error: unknown): string {
  if (error instanceof Misuse) return error.message
  if (!(error instanceof Error)) return `a thrown ${typeof error}`
  const frame = error.stack?.split('\n').find(line => /^\s+at /.test(line))
  return `${error.name}${frame ? ` ${frame.trim()}` : ''}`
}
