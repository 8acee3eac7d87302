import type { StreamError } from '../../shared/errors'
import { isStreamError } from '../../shared/errors'
import { HEADERS } from '../../shared/wire'
import { sendError } from './answer'
import type { Caller } from './authorize'
import { authorizeCaller } from './authorize'
import type { Call } from './call'
import { openCall } from './call'
import type { DeliveryTarget } from './deliver'
import { deliver } from './deliver'
import type { Exchange } from './exchange'
import { relayError } from './failures'
import { corsHeaders, guardContentType, guardOrigin, preflightHeaders } from './guard'
import { describeError, once } from './logger'
import type { Logger } from './logger'
import type { ResolvedRelayOptions } from './options'
import { prepareBody } from './prepare'
import type { RequestReader } from './request'
import { createRequestReader } from './request'
import type { Route, RunRoute } from './route'
import { findRoute } from './route'
import type { LlmStreamRules } from './rules'
import { createRuns, serverRestarting } from './runs'
import type { Transport } from './transport'

export interface RelayParts {
  options: ResolvedRelayOptions
  rules: LlmStreamRules
  transport: Transport
  logger: Logger
}

export interface Relay {
  /** Answers a request; settles when the answer has ended. Never rejects. `route`: what is asked for, instead of looking at the path. */
  handle: (exchange: Exchange, route?: RunRoute) => Promise<void>
  /**
   * Refuses what still arrives with `server_restarting`, lets runs go on for `grace` milliseconds, ends the rest with that error,
   * and settles when all is over. @default 20000
   */
  close: (grace?: number) => Promise<void>
}

/** The steps of relay.md §1, in that order. */
export function createRelayCore({ options, rules, transport, logger }: RelayParts): Relay {
  const runs = createRuns()
  const log = once(logger)
  const configured = options.public || options.development || rules.authorize !== undefined

  return {
    async handle(exchange, route) {
      const call = openCall(exchange)
      const leave = runs.add(call.run)
      try {
        if (runs.closing) throw serverRestarting()
        await serve(call, route)
      }
      catch (reason) {
        refuse(call, reason)
      }
      finally {
        leave()
      }
    },
    async close(grace = 20_000) {
      await runs.drain(grace)
      await transport.close?.()
    },
  }

  async function serve(call: Call, given: Route | undefined): Promise<void> {
    const { exchange } = call
    if (!configured) throw notConfigured('there is neither an `authorize` nor `public: true`')
    const route = given ?? findRoute(exchange.url, options)
    if (!route) throw relayError('not_found')
    Object.assign(call.headers, corsHeaders(exchange, options.origins))
    if (exchange.method === 'OPTIONS' && 'access-control-allow-origin' in call.headers) return answerPreflight(call, route)
    if (!route.methods.includes(exchange.method)) {
      call.headers.allow = route.methods.join(', ')
      throw relayError('method_not_allowed')
    }
    guardOrigin(exchange, options)
    if (route.kind === 'stream') throw relayError('run_not_found')
    guardContentType(exchange)
    await answerRun(call, route)
  }

  async function answerRun(call: Call, route: RunRoute): Promise<void> {
    const { exchange, run: { signal } } = call
    const { upstream, protocol } = route
    Object.assign(call.context, { upstream: upstream.name, protocol })
    const body = createRequestReader(exchange, { upstream, protocol, limits: options.limits, inputRequired: !rules.prepare, signal })
    const caller = await authorizeCaller(exchange, { action: 'run', upstream: upstream.name, protocol, model: body.model }, { authorize: rules.authorize, options, signal, body })
    call.context.subject = caller.subject
    if (upstream.keyMissing) throw notConfigured(`the upstream "${upstream.name}" has no API key`)

    const { target, stream } = await makeTarget(call, route, caller, body)
    await deliver({
      sink: exchange.sink,
      transport,
      protocol,
      stream,
      targets: [target],
      requestId: call.requestId,
      heartbeat: options.heartbeat,
      limits: caller.limits,
      signal,
      headers: { ...call.headers, [HEADERS.resumable]: '0' },
    })
  }

  async function makeTarget(call: Call, { upstream, protocol }: RunRoute, caller: Caller, reader: RequestReader): Promise<{ target: DeliveryTarget, stream: boolean }> {
    const { body, model, requestedModel, stream, dropped } = await reader.shape(caller.limits)
    call.context.model = model
    if (options.development) for (const key of dropped) log.warn(`The request's \`${key}\` was left out: only what \`params.allow\` names may pass.`)
    const { subject } = caller
    const bytes = await prepareBody(body, rules.prepare, {
      event: call.exchange.event, subject, upstream: upstream.name, protocol, model, requestedModel, signal: call.run.signal,
    })
    return { target: { upstream, model, body: bytes }, stream }
  }

  /** The reason is an error to answer with, or why the run was aborted: then there is nobody to answer. */
  function refuse({ exchange: { sink }, requestId, headers, run }: Call, reason: unknown): void {
    if (run.signal.aborted && !isStreamError(reason)) return sink.destroy()
    sendError(sink, toError(reason), headers, requestId)
  }

  function toError(reason: unknown): StreamError {
    if (isStreamError(reason)) return reason
    logger.error(`The relay failed: ${describeError(reason)}`)
    return relayError('internal', { cause: reason })
  }

  function notConfigured(what: string): StreamError {
    log.error(`The relay is not configured: ${what}.`)
    return relayError('not_configured')
  }
}

function answerPreflight({ exchange: { sink }, headers }: Call, { methods }: Route): void {
  sink.head(204, { ...headers, ...preflightHeaders(methods), vary: 'Origin' })
  sink.end()
}
