import { isStreamError } from '../../shared/errors'
import { isLiteralAddress, isPrivateAddress } from './addresses'
import { sendError } from './answer'
import { authorizeCaller } from './authorize'
import { createBreakers } from './breaker'
import { Call } from './call'
import type { Exchange } from './exchange'
import { relayError } from './failures'
import { corsHeaders, guardContentType, guardOrigin, preflightHeaders } from './guard'
import { createLimiter } from './limits/limiter'
import { createStoreOpener } from './limits/open-store'
import type { Logger } from './logger'
import { once } from './logger'
import { createNotices } from './notices'
import type { ResolvedRelayOptions } from './options'
import { createRedisSource } from './redis'
import { createResume, findResumeProblem } from './resume'
import type { Route, RunRoute, StreamRoute } from './route'
import { findRoute } from './route'
import type { LlmStreamRules } from './rules'
import type { RunParts } from './run'
import { answerRun } from './run'
import { createRuns, serverRestarting } from './runs'
import type { Transport } from './transport'

export interface RelayParts {
  options: ResolvedRelayOptions
  rules: LlmStreamRules
  transport: Transport
  logger: Logger
}

export interface Relay {
  /** Answers a request; `onEnd` is called when the answer has ended. `route`: what is asked for, instead of looking at the path. */
  answer: (exchange: Exchange, onEnd: () => void, route?: RunRoute) => void
  /** The same, for who would rather wait. Never rejects. */
  handle: (exchange: Exchange, route?: RunRoute) => Promise<void>
  /**
   * Refuses what still arrives with `server_restarting`, lets runs go on for `grace` milliseconds, ends the rest with that error,
   * and settles when all is over. @default 20000
   */
  close: (grace?: number) => Promise<void>
}

/** The steps of relay.md §1, in that order. */
export function createRelayCore({ options, rules, transport, logger }: RelayParts): Relay {
  const log = once(logger)
  const runs = createRuns()
  const notices = createNotices(rules, logger)
  warnOfAddresses(options, log)
  const redis = createRedisSource({ redis: rules.redis, url: options.redisUrl })
  const store = createStoreOpener(redis, logger)
  const limiter = createLimiter(store.open)
  const problem = findResumeProblem(options, rules)
  const resume = options.resume && !problem ? createResume({ options, settings: options.resume, rules, redis, logger }) : undefined
  const parts: RunParts = { options, rules, transport, notices, log, limiter, resume, breakers: createBreakers() }
  const configured = options.public || options.development || rules.authorize !== undefined

  return {
    answer,
    handle: (exchange, route) => new Promise(resolve => answer(exchange, resolve, route)),
    async close(grace = 20_000) {
      await runs.drain(grace)
      await resume?.close()
      store.close()
      await transport.close?.()
    },
  }

  function answer(exchange: Exchange, onEnd: () => void, route?: RunRoute): void {
    const call = new Call(exchange, end)
    runs.add(call, onEnd)
    serve(call, route).catch(reason => call.end(reason))
  }

  function end(call: Call, failure?: unknown): void {
    if (failure !== undefined) refuse(call, failure)
    runs.remove(call)
  }

  /** Settles when the answer has begun. Throws what is refused. */
  async function serve(call: Call, given: Route | undefined): Promise<void> {
    const { exchange, headers } = call
    // First of all, so that a page of a listed origin can read every answer, refusals too.
    Object.assign(headers, corsHeaders(exchange, options.origins))
    if (runs.closing) throw serverRestarting()
    if (problem) throw relayError('not_configured')
    const route = given ?? findRoute(exchange.url, options)
    if (!configured && !(route?.kind === 'run' && route.authorize)) throw relayError('not_configured')
    if (!route) throw relayError('not_found')
    if (exchange.method === 'OPTIONS' && 'access-control-allow-origin' in headers) {
      answerPreflight(call, route)
      return call.end()
    }
    if (!route.methods.includes(exchange.method)) {
      headers.allow = route.methods.join(', ')
      throw relayError('method_not_allowed')
    }
    guardOrigin(exchange, options)
    if (route.kind === 'stream') {
      await answerStream(call, route)
      return call.end()
    }
    guardContentType(exchange)
    const { authorize = rules.authorize, prepare = rules.prepare } = route
    await answerRun(call, route, { ...parts, rules: { ...rules, authorize, prepare } })
  }

  /** A run that was recorded: only whoever it belongs to may see or stop it. */
  async function answerStream(call: Call, { id }: StreamRoute): Promise<void> {
    if (!resume) throw relayError('run_not_found')
    const action = call.exchange.method === 'GET' ? 'resume' : 'stop'
    const caller = await authorizeCaller(call, { action }, { authorize: rules.authorize, options })
    await limiter.admitViewer(caller)
    await (action === 'resume' ? resume.replay : resume.stop)(call, id, caller)
  }

  /** The reason is an error to answer with, or why the call was aborted: then there is nobody to answer. */
  function refuse(call: Call, reason: unknown): void {
    const { exchange, exchange: { sink }, requestId, headers, run } = call
    if (run.aborted && !isStreamError(reason)) return sink.destroy()
    const error = isStreamError(reason) ? reason : relayError('internal', { cause: reason })
    sendError(sink, error, headers, requestId)
    if (headers.connection !== 'close') exchange.leaveBody?.()
    notices.failed(error, call)
  }
}

/** Better said at the start than with each refused call. */
function warnOfAddresses({ upstreams }: ResolvedRelayOptions, log: Logger): void {
  for (const { name, urls, allowPrivate } of upstreams.values()) {
    const isPrivate = Object.values(urls).some(({ hostname }) => hostname === 'localhost' || (isLiteralAddress(hostname) && isPrivateAddress(hostname.replace(/[[\]]/g, ''))))
    if (isPrivate && !allowPrivate) log.warn(`The upstream "${name}" has a private address, so calls to it are refused: give it \`allowPrivate: true\` if that is meant.`)
  }
}

function answerPreflight({ exchange: { sink, headers: asked }, headers }: Call, { methods }: Route): void {
  sink.head(204, { ...headers, ...preflightHeaders(methods, asked['access-control-request-headers']), vary: 'Origin' })
  sink.end()
}
