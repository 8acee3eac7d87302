import { Misuse } from './misuse'

/** What one subject, one address or one run may take. `false` where the type allows it: no such limit. */
export interface Limits {
  /** Requests per minute and subject. @default 20 */
  rate: number | false
  /** Requests per minute and client address (IPv6: its /64). @default 60 */
  ipRate: number | false
  /** Requests per minute, all callers together. @default false */
  globalRate: number | false
  /** Runs of one subject at the same time. @default 3 */
  concurrency: number | false
  /** Runs at the same time, all callers together. @default false */
  globalConcurrency: number | false
  /** Bytes of a request body. @default 262144 (256 KiB) */
  bodyBytes: number
  /** Messages or input items of one request. @default 500 */
  messages: number
  /** Nesting of the request's JSON. @default 32 */
  depth: number
  /** Tools that one request may declare. @default 64 */
  tools: number
  /** Tokens of one answer; a request for more is clamped. @default 4096 */
  outputTokens: number
  /** Bytes of one upstream event. @default 1048576 (1 MiB) */
  eventBytes: number
  /** Bytes of one streamed answer, decompressed. @default 10485760 (10 MiB) */
  streamBytes: number
  /** Bytes of one answer with `stream: false`. @default 4194304 (4 MiB) */
  jsonBytes: number
  /** Tokens, input and output together, per subject and 24 hours. @default false */
  tokens: number | false
}

export const LIMITS: Readonly<Limits> = {
  rate: 20,
  ipRate: 60,
  globalRate: false,
  concurrency: 3,
  globalConcurrency: false,
  bodyBytes: 256 * 1024,
  messages: 500,
  depth: 32,
  tools: 64,
  outputTokens: 4096,
  eventBytes: 1024 * 1024,
  streamBytes: 10 * 1024 * 1024,
  jsonBytes: 4 * 1024 * 1024,
  tokens: false,
}

/** Milliseconds; a violation aborts the upstream. */
export interface Timeouts {
  /** Request headers → whole request body. @default 10000 */
  body: number
  /** DNS, TCP and TLS together. @default 5000 */
  connect: number
  /** Request sent → first byte of the answer's body, comments count (`stream: false`: only `total`). @default 90000 */
  firstByte: number
  /** Between bytes, comments count. @default 120000 */
  byteIdle: number
  /** Upstream headers → event, and between events: pings do not keep a dead run alive. @default 300000 */
  eventIdle: number
  /** From the limits' yes to the end, retries included. @default 600000 */
  total: number
  /** The client reads nothing while there is something to read. @default 30000 */
  slowClient: number
}

export const TIMEOUTS: Readonly<Timeouts> = {
  body: 10_000,
  connect: 5_000,
  firstByte: 90_000,
  byteIdle: 120_000,
  eventIdle: 300_000,
  total: 600_000,
  slowClient: 30_000,
}

/** Resumable runs. Times in milliseconds, sizes in bytes. */
export interface ResumeOptions {
  /** Where logs are kept; `redis` needs the option `redis`. @default 'memory' */
  driver?: 'memory' | 'redis'
  /** Refuse a run (503 `resume_unavailable`) that cannot be logged, instead of making it a plain one. @default false */
  required?: boolean
  /** How long a run goes on after its last viewer left; `false`: to its end. @default 30000 */
  orphanGrace?: number | false
  /** How long a log lives while its run does; renewed. @default 900000 (15 minutes) */
  ttl?: number
  /** How long a log lives after its run's end. @default 300000 (5 minutes) */
  ttlAfterEnd?: number
  /** Bytes of one log; over it the log is lost and the run goes on plain. @default 4194304 (4 MiB) */
  logBytes?: number
  /** Live logs per owner; over it runs are plain. @default 3 */
  perOwner?: number
  /** Bytes of all logs of the memory driver. @default 67108864 (64 MiB) */
  memoryBytes?: number
  /**
   * Private. Signs the owner of a run; required in production with Redis, so that all processes agree.
   * From env `NUXT_LLM_STREAM_RESUME_SECRET`. @default random per process
   */
  secret?: string
}

export const RESUME: Readonly<Required<ResumeOptions>> = {
  driver: 'memory',
  required: false,
  orphanGrace: 30_000,
  ttl: 15 * 60_000,
  ttlAfterEnd: 5 * 60_000,
  logBytes: 4 * 1024 * 1024,
  perOwner: 3,
  memoryBytes: 64 * 1024 * 1024,
  secret: '',
}

/** Milliseconds between comment frames while nothing else is sent. */
export const HEARTBEAT = 15_000

/** Where the relay is mounted. */
export const ROUTE = '/api/llm'

/** Attempts after the first one. */
export const RETRIES = 2

/** Lays numbers over their defaults; a name that is not among them is a mistake, and said to be one. */
export function mergeNumbers<T extends object>(at: string, defaults: T, given: Partial<T> = {}): T {
  const merged = { ...defaults }
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === '') continue
    if (!Object.hasOwn(defaults, key)) throw new Misuse(`${at}.${key} is unknown; known are ${Object.keys(defaults).join(', ')}.`)
    const off = value === false && mayBeOff.has(key)
    if (!off && !(typeof value === 'number' && value > 0 && value <= MAX_NUMBER)) {
      throw new Misuse(`${at}.${key} must be a number above 0${mayBeOff.has(key) ? ' or false' : ''}, not ${JSON.stringify(value)}.`)
    }
    Object.assign(merged, { [key]: value })
  }
  return merged
}

const mayBeOff = new Set(['rate', 'ipRate', 'globalRate', 'concurrency', 'globalConcurrency', 'tokens', 'orphanGrace'])

/** Timers wrap around above this. */
const MAX_NUMBER = 2 ** 31 - 1
