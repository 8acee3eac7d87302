import { defineEventHandler, type EventHandler, type H3Event } from 'h3'
import type { ProtocolName } from '../../shared/wire'
import type { LlmStreamRules } from '../relay/rules'
import { handleOwnRoute } from './relay'

/**
 * Types the app's own rules, the default export of `server/llm-stream.ts`: who may call the relay (`authorize`), what goes
 * upstream (`prepare`), and what is told of each run (`onFinish`, `onError`).
 *
 * @example
 * export default defineLlmStream({
 *   async authorize(event) {
 *     const { user } = await requireUserSession(event)
 *     return { subject: user.id }
 *   },
 * })
 */
export function defineLlmStream(rules: LlmStreamRules<H3Event>): LlmStreamRules<H3Event> {
  return rules
}

/** What a route of the app's own does differently. A hook that is not given is the one of `server/llm-stream.ts`. */
export interface LlmStreamHandlerOptions extends Pick<LlmStreamRules<H3Event>, 'authorize' | 'prepare'> {
  /** Name of the upstream. @default 'default' */
  upstream?: string
  /** What the route speaks. @default 'chat' */
  protocol?: ProtocolName
}

/**
 * A server route of the app's own that relays to one upstream in one protocol, with all guards and limits of the relay.
 * `useStream({ url: '/api/summary' })` reads it.
 *
 * @example
 * // server/api/summary.post.ts
 * export default defineLlmStreamHandler({
 *   prepare: body => ({ ...body, messages: [{ role: 'system', content: 'Summarise.' }, ...body.messages] }),
 * })
 */
export function defineLlmStreamHandler({ upstream = 'default', protocol = 'chat', ...hooks }: LlmStreamHandlerOptions = {}): EventHandler<object, Promise<Response | undefined>> {
  return defineEventHandler(event => handleOwnRoute(event, { upstream, protocol, ...hooks }))
}
