import type { H3Event } from 'h3'
import { useRuntimeConfig } from 'nitropack/runtime'
import rules from '#llm-stream/rules'
import { loadTransport } from '#llm-stream/transport'
import type { ProtocolName } from '../../shared/wire'
import { relayError } from '../relay/failures'
import { consoleLogger } from '../relay/logger'
import type { ResolvedRelayOptions } from '../relay/options'
import { resolveRelayOptions } from '../relay/options'
import type { Relay, RelayParts } from '../relay/relay'
import { createRelayCore } from '../relay/relay'
import { findResumeProblem } from '../relay/resume'
import type { LlmStreamRules } from '../relay/rules'
import { readConfig } from './config'
import { toExchange } from './exchange'
import { findHeartbeatProblem } from './heartbeat'
import { leaveOpen } from './after-response'
import { closeWithServer } from './shutdown'
import { findUnheededVariables } from './unheeded-variables'
import { findUnknownRules } from './unknown-rules'

/** Answers whatever is asked for under the relay's route. Settles when the answer is under way, or with a `Response` to send. */
export async function handleRelay(event: H3Event): Promise<Response | undefined> {
  const mounted = await mountRelay(event).catch(() => undefined) // the log has said why
  if (!mounted) return Response.json({ error: relayError('not_configured') }, { status: 500 })
  const { relay, base } = mounted
  const { exchange, response } = toExchange(event, base)
  // A platform that has to be told of work may take a handler that has returned for one that is done.
  if (response || exchange.waitUntil) return settle(event, response, relay.handle(exchange))
  relay.answer(exchange, leaveOpen(event))
}

/** What a route of the app's own asks for, whatever its path. */
export interface OwnRoute extends Pick<LlmStreamRules<H3Event>, 'authorize' | 'prepare'> {
  upstream: string
  protocol: ProtocolName
}

/** Answers a route of the app's own. Settles when the answer has ended, since the app may wait for it, or with a `Response`. */
export async function handleOwnRoute(event: H3Event, { upstream: name, protocol, ...own }: OwnRoute): Promise<Response | undefined> {
  const { relay, options, base } = await mountRelay(event)
  const upstream = options.upstreams.get(name)
  if (!upstream?.urls[protocol]) throw new Error(`[llm-stream] defineLlmStreamHandler names ${upstream ? `the protocol "${protocol}", which the upstream "${name}" does not speak` : `the upstream "${name}", which is not in llmStream.upstreams`}.`)
  const { exchange, response } = toExchange(event, base)
  const handled = relay.handle(exchange, { kind: 'run', methods: ['POST'], upstream, protocol, ...own as LlmStreamRules }) // every exchange here has an H3Event
  return settle(event, response, handled)
}

async function settle(event: H3Event, response: Promise<Response> | undefined, handled: Promise<void>): Promise<Response | undefined> {
  if (response) event.waitUntil(handled)
  else await handled
  return response
}

/** Says at start what is wrong with the configuration, while the rest of the app runs. */
export function checkConfiguration(): void {
  if (import.meta.prerender) return // a build, which has another environment
  const unheeded = findUnheededVariables(readEnv(), useRuntimeConfig().llmStream)
  if (unheeded) consoleLogger.warn(unheeded)
  try {
    const options = resolveOptions()
    const { public: open, upstreams } = options
    const problem = findResumeProblem(options, rules ?? {})
    if (problem) consoleLogger.error(`${relayError('not_configured').message} Until then everything is answered 500: ${problem}`)
    if (!import.meta.dev && !open && !rules?.authorize) consoleLogger.error(`${relayError('not_configured').message} Until then everything is answered 500: nothing says who may call. Export \`defineLlmStream({ authorize })\` from server/llm-stream.ts, or set \`llmStream.public: true\`.`)
    const unknown = findUnknownRules(rules ?? {})
    if (unknown) consoleLogger.error(unknown)
    const late = findHeartbeatProblem(options.heartbeat, useRuntimeConfig().public.llmStream.heartbeat)
    if (late) consoleLogger.warn(late)
    if (import.meta.dev) return // the module has said which keys are missing
    for (const { name, keyMissing } of upstreams.values()) {
      if (keyMissing) consoleLogger.warn(`The upstream "${name}" has no key. Set ${name === 'default' ? 'NUXT_LLM_STREAM_API_KEY' : `NUXT_LLM_STREAM_UPSTREAMS_${name.replaceAll('-', '_').toUpperCase()}_API_KEY`}.`)
    }
  }
  catch (error) {
    logMistake(error)
  }
}

function logMistake(error: unknown): void {
  consoleLogger.error(`The configuration is not right: ${(error as Error).message}`)
}

/** The one relay of this server process, and what it was made of. */
interface MountedRelay {
  relay: Relay
  options: ResolvedRelayOptions
  /** The app's base URL, without its last slash. */
  base: string
}

let only: Promise<MountedRelay> | undefined

/** Made with the first request: some platforms give the environment no earlier. */
function mountRelay(event: H3Event): Promise<MountedRelay> {
  return only ??= createMountedRelay(event).catch((error) => {
    logMistake(error)
    throw error
  })
}

async function createMountedRelay(event: H3Event): Promise<MountedRelay> {
  const options = resolveOptions(event)
  const relay = await createOwnRelay({ options, rules: rules ?? {}, transport: await loadTransport(), logger: consoleLogger })
  closeWithServer(relay)
  return { relay, options, base: useRuntimeConfig(event).app.baseURL.replace(/\/$/, '') }
}

/** In development everything that passes is kept for the developer; a build has none of that. */
async function createOwnRelay(parts: RelayParts): Promise<Relay> {
  if (!import.meta.dev) return createRelayCore(parts)
  const { createWatchedRelay } = await import('../dev/watched-relay')
  return createWatchedRelay(parts, useRuntimeConfig().llmStream)
}

function resolveOptions(event?: H3Event): ResolvedRelayOptions {
  const { llmStream, app } = useRuntimeConfig(event)
  return resolveRelayOptions(readConfig(llmStream, { env: readEnv(), baseURL: app.baseURL }), { development: import.meta.dev })
}

function readEnv(): Record<string, string | undefined> {
  return globalThis.process?.env ?? {} // absent on some edge platforms
}
