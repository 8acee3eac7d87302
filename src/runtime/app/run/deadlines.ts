import { StreamError } from '../../shared/errors'
import type { StreamErrorCode } from '../../shared/errors'
import type { Cancel, Page } from './page'

/** Deadlines of a run, each in milliseconds; `Infinity`: none. */
export interface Timeouts {
  /** From the request to the first byte of the answer's body, on each attempt. */
  firstByte: number
  /** Between two bytes, comments included. */
  idle: number
  /** From `start` to the end. */
  total: number
}

export type DeadlineCode = Extract<StreamErrorCode, 'first_byte_timeout' | 'idle_timeout' | 'total_timeout'>

export interface Deadlines {
  /** A request goes out: waits for its first byte from now on. */
  sent: () => void
  /** Bytes have come. Cheap enough to be called for each chunk: the timer stays as it is. */
  received: (now: number) => void
  /** Clears the timer. */
  close: () => void
}

/** What a timer takes; longer ones would fire at once. [spec] HTML timers hold a signed 32-bit number */
const LONGEST = 2 ** 31 - 1

/** Watches the deadlines with one timer, which looks at the time of the last byte when it fires instead of being set anew by each. */
export function createDeadlines(timeouts: Timeouts, page: Page, expire: (code: DeadlineCode) => void): Deadlines {
  const end = page.now() + timeouts.total
  let waiting: 'firstByte' | 'idle' = 'firstByte'
  let since = 0
  let cancel: Cancel | undefined

  function arm(): void {
    cancel?.()
    const due = Math.min(since + timeouts[waiting], end)
    cancel = due === Infinity ? undefined : page.after(Math.min(Math.max(due - page.now(), 0), LONGEST), check)
  }

  function check(): void {
    const now = page.now()
    if (now >= end) expire('total_timeout')
    else if (now >= since + timeouts[waiting]) expire(waiting === 'idle' ? 'idle_timeout' : 'first_byte_timeout')
    else arm()
  }

  return {
    sent() {
      waiting = 'firstByte'
      since = page.now()
      arm()
    },
    received(now) {
      since = now
      if (waiting === 'idle') return
      waiting = 'idle'
      arm()
    },
    close: () => cancel?.(),
  }
}

const REMEDIES: Record<DeadlineCode, string> = {
  first_byte_timeout: 'No answer came in time: try again, or raise timeouts.firstByte.',
  idle_timeout: 'The answer stopped arriving: try again, or raise timeouts.idle.',
  total_timeout: 'The answer took too long: ask for less, or raise timeouts.total.',
}

export function deadlineError(code: DeadlineCode): StreamError {
  return new StreamError({ code, message: REMEDIES[code], retryable: true })
}
