import type { ProtocolName } from '../../shared/wire'
import { isObject } from '../../shared/protocols/json'
import { boundParams, count } from './bounds'
import { checkConversation } from './conversation'
import type { Limits } from './defaults'
import { invalid, relayError } from './failures'
import { pickTools } from './tools'
import type { ResolvedUpstream } from './upstream-options'

export interface ParamsContext {
  protocol: ProtocolName
  upstream: ResolvedUpstream
  limits: Limits
  /** Whether a request without any message is refused; a `prepare` may add them. */
  inputRequired: boolean
}

/** A request that may go upstream, built anew: nothing of the client's JSON is in it that no rule let through. */
export interface ShapedRequest {
  body: Record<string, unknown>
  /** The real name. */
  model: string
  /** The name on the allow-list. */
  requestedModel: string
  stream: boolean
  /** Tokens that the answer may have at most, all its choices together. */
  outputTokens: number
  /** Keys that were left out, for a warning in development. */
  dropped: string[]
}

/** Builds the request that goes upstream by the table of relay.md §2, step 6. Throws `invalid_request`, `model_not_allowed` or `body_too_large`. */
export function shapeRequest(json: Record<string, unknown>, context: ParamsContext): ShapedRequest {
  const { protocol, upstream: { params, quirks } } = context
  const { model, requestedModel } = chooseModel(json.model ?? context.upstream.params.defaults.model, context.upstream)
  const { picked, dropped } = pick(json, context)
  const { max_tokens, max_completion_tokens, max_output_tokens, ...rest }: Record<string, unknown> = { ...params.defaults, ...picked }
  const size = boundOutput({ max_tokens, max_completion_tokens, max_output_tokens }, context)
  const stream = rest.stream === true
  const body: Record<string, unknown> = { ...rest, model, stream, [size.key]: size.tokens }
  boundParams(body, params.max, size.tokens)
  // [wire] Without it most providers never say what a streamed answer used.
  if (stream && protocol === 'chat' && quirks.includeUsage) body.stream_options = { include_usage: true }
  const { n = 1, best_of = 1 } = body as { n?: number, best_of?: number } // boundParams has seen to the types
  return { body, model, requestedModel, stream, outputTokens: size.tokens * Math.max(n, best_of), dropped }
}

/** Exact names only; what differs by case, by a look-alike letter or by type is another model. */
function chooseModel(wanted: unknown, { models, name }: ResolvedUpstream): { model: string, requestedModel: string } {
  if (wanted != null && typeof wanted !== 'string') throw invalid('`model` must be a string.')
  if (!models) {
    if (!wanted) throw invalid(`\`model\` is missing, and the upstream "${name}" lists no \`models\` to choose from.`)
    return { model: wanted, requestedModel: wanted }
  }
  const requestedModel = wanted ?? models.keys().next().value!
  const model = models.get(requestedModel)
  if (model === undefined) throw relayError('model_not_allowed')
  return { model, requestedModel }
}

type Kind = 'number' | 'string' | 'boolean' | 'object' | 'array' | 'string or array' | 'string or object'

/** Keys that pass when their value is of the right type. */
const kinds = new Map<string, Kind>([
  ['temperature', 'number'], ['top_p', 'number'], ['top_k', 'number'], ['seed', 'number'],
  ['presence_penalty', 'number'], ['frequency_penalty', 'number'], ['n', 'number'], ['best_of', 'number'],
  ['max_tokens', 'number'], ['max_completion_tokens', 'number'], ['max_output_tokens', 'number'],
  ['stop', 'string or array'], ['stop_sequences', 'array'],
  ['response_format', 'object'], ['text', 'object'], ['reasoning', 'object'], ['thinking', 'object'], ['output_config', 'object'],
  ['reasoning_effort', 'string'], ['tool_choice', 'string or object'], ['parallel_tool_calls', 'boolean'],
  ['include', 'array'], ['stream', 'boolean'],
])

const systemKeys = new Set(['system', 'instructions'])

function pick(json: Record<string, unknown>, { protocol, upstream: { params }, limits, inputRequired }: ParamsContext) {
  const { allow, max } = params
  const picked: Record<string, unknown> = {}
  const dropped: string[] = []
  const inputKey = protocol === 'responses' ? 'input' : 'messages'
  if (json[inputKey] == null && inputRequired) throw invalid(`\`${inputKey}\` is missing.`)

  for (const [key, value] of Object.entries(json)) {
    if (value == null || key === 'model') continue
    const kind = kinds.get(key)
    if (key === inputKey) {
      checkConversation(protocol, value, { messages: limits.messages, allow })
      picked[key] = value
    }
    else if (key === 'tools') {
      const tools = pickTools(value, { protocol, tools: limits.tools, allow })
      if (tools.kept.length > 0) picked.tools = tools.kept
      dropped.push(...tools.dropped)
    }
    else if (key === 'include') {
      if (!Array.isArray(value)) throw invalid('`include` must be an array.')
      const kept = value.filter(name => name === 'reasoning.encrypted_content' || allow.has(name))
      if (kept.length > 0) picked.include = kept
      if (kept.length < value.length) dropped.push(key)
    }
    else if (systemKeys.has(key)) {
      if (!allow.has('system') && !allow.has(key)) throw invalid(`\`${key}\` is reserved for the server, which adds its instructions in \`prepare\`.`)
      picked[key] = value
    }
    else if (kind) {
      if (!isKind(value, kind)) throw invalid(`\`${key}\` must be ${kind.startsWith('o') || kind.startsWith('a') ? 'an' : 'a'} ${kind}.`)
      picked[key] = value
    }
    else if (key !== 'stream_options' && (allow.has(key) || (typeof value === 'number' && Object.hasOwn(max, key)))) picked[key] = value
    else dropped.push(key)
  }
  // [wire] A choice among no tools is refused by providers.
  if (!picked.tools) delete picked.tool_choice
  return { picked, dropped }
}

function isKind(value: unknown, kind: Kind): boolean {
  switch (kind) {
    case 'object': return isObject(value)
    case 'array': return Array.isArray(value)
    case 'string or array': return typeof value === 'string' || Array.isArray(value)
    case 'string or object': return typeof value === 'string' || isObject(value)
    default: return typeof value === kind
  }
}

/**
 * Bounds one choice of the answer, under the one key that the upstream is known to obey. A provider that does not know the
 * other key of Chat Completions ignores it, and would then write without bound; OpenAI refuses both at once.
 */
function boundOutput(given: Record<string, unknown>, { protocol, upstream: { params, quirks }, limits }: ParamsContext): { key: string, tokens: number } {
  const key = { chat: quirks.chatOutputKey, responses: 'max_output_tokens', messages: 'max_tokens' }[protocol]
  const bounds = [limits.outputTokens]
  for (const name of protocol === 'chat' ? ['max_tokens', 'max_completion_tokens'] : [key]) {
    if (given[name] != null) bounds.push(count(name, given[name]))
    if (typeof params.max[name] === 'number') bounds.push(params.max[name])
  }
  return { key, tokens: Math.min(...bounds) }
}
