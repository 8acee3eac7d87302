import type { Logger } from './logger'
import { consoleLogger } from './logger'
import type { RelayOptions, ResolvedRelayOptions } from './options'
import { resolveRelayOptions } from './options'
import { findResumeProblem } from './resume'
import type { LlmStreamRules } from './rules'

/** Options and rules of a relay outside Nuxt, in one object. Keys are values: no environment is read. */
export interface CreateRelayOptions<TEvent = unknown> extends Omit<RelayOptions, 'redis'>, Omit<LlmStreamRules<TEvent>, 'redis'> {
  /** Shares limits and logs between processes: an address, for which the peer `ioredis` is loaded, or a client of the app's. */
  redis?: RelayOptions['redis'] | LlmStreamRules<TEvent>['redis']
  /**
   * Models may go unlisted, upstreams may be on private addresses, and the relay may do without `authorize`.
   * @default false
   */
  development?: boolean
  /** Where warnings go. @default the console */
  logger?: Logger
}

export interface RelayClose {
  /**
   * For shutdown: refuses what still arrives, lets runs go on for `grace` milliseconds, ends the rest with the error
   * `server_restarting`, and settles when all is over. @default 20000
   */
  close: (grace?: number) => Promise<void>
}

/** What the one object of `createRelay` holds. */
export interface RelaySetup {
  options: ResolvedRelayOptions
  rules: LlmStreamRules
  logger: Logger
}

/** Takes the one object apart. Throws when there is neither an `authorize` nor `public: true`, and for options that make no sense. */
export function readRelayOptions<TEvent>(given: CreateRelayOptions<TEvent>): RelaySetup {
  const { redis, development = false, logger = consoleLogger, ...rest } = given
  if (!rest.authorize && !rest.public && !development) {
    throw new Error('Anyone could use this relay at your cost: give it an `authorize`, or say `public: true`.')
  }
  const [client, place] = typeof redis === 'function' ? [redis, undefined] : [undefined, redis]
  const options = resolveRelayOptions({ ...rest, redis: place }, { development })
  // Each reads what is its own. Hooks are called with the event of the entry that they were given to, so their type holds.
  const rules = { ...rest, redis: client } as LlmStreamRules
  const problem = findResumeProblem(options, rules)
  if (problem) throw new Error(problem)
  return { options, rules, logger }
}
