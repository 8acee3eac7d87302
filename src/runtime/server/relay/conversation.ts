import type { ProtocolName } from '../../shared/wire'
import { isObject } from '../../shared/protocols/json'
import { invalid } from './failures'

export interface ConversationRules {
  /** Messages or input items at most. */
  messages: number
  /** What else may pass: `system`, `remote-files`, item types. */
  allow: ReadonlySet<string>
}

/**
 * Checks the messages of a request: how many, whose, and that no part makes the provider fetch an address or open a stored
 * file. Nothing in them is changed, since some fields must survive the round trip. Throws `invalid_request` or
 * `body_too_large`.
 */
export function checkConversation(protocol: ProtocolName, value: unknown, { messages, allow }: ConversationRules): void {
  const key = protocol === 'responses' ? 'input' : 'messages'
  if (protocol === 'responses' && typeof value === 'string') return
  if (!Array.isArray(value)) throw invalid(`\`${key}\` must be an array.`)
  if (value.length > messages) throw invalid(`\`${key}\` has more than ${messages} entries; send a shorter conversation.`, 'body_too_large')
  for (const [index, item] of value.entries()) {
    const at = `${key}[${index}]`
    if (!isObject(item)) throw invalid(`\`${at}\` must be an object.`)
    if (protocol === 'responses' && item.type !== undefined && item.type !== 'message') checkItem(at, item, allow)
    else checkRole(at, item, allow)
    if (!allow.has('remote-files')) checkParts(at, item)
  }
}

const roles = new Set<unknown>(['user', 'assistant', 'tool'])
const systemRoles = new Set<unknown>(['system', 'developer'])

function checkRole(at: string, item: Record<string, unknown>, allow: ReadonlySet<string>): void {
  if (roles.has(item.role)) return
  if (!systemRoles.has(item.role)) throw invalid(`\`${at}.role\` must be user, assistant or tool.`)
  if (!allow.has('system')) throw invalid(`\`${at}.role\` is reserved for the server, which adds its instructions in \`prepare\`.`)
}

/** Items of the Responses API that carry a conversation; those of hosted tools pass when the tool does. */
const itemTypes = new Set<unknown>(['function_call', 'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'reasoning'])

function checkItem(at: string, { type }: Record<string, unknown>, allow: ReadonlySet<string>): void {
  if (itemTypes.has(type)) return
  for (const allowed of allow) {
    if (typeof type === 'string' && (type === allowed || type.startsWith(`${allowed}_`))) return
  }
  throw invalid(`\`${at}.type\` is not one that this server allows.`)
}

/** Fields of a part whose text is only ever read by the model: an address in them is fetched by nobody. */
const texts = new Set(['text', 'input', 'arguments', 'thinking', 'signature', 'refusal', 'citations', 'annotations', 'title', 'context', 'data', 'file_data', 'filename', 'summary', 'encrypted_content', 'id', 'name'])

/** `content` of a message, `output` of a call: text, or parts, or an object that holds parts. */
function checkParts(at: string, item: Record<string, unknown>): void {
  for (const key of ['content', 'output']) {
    if (typeof item[key] === 'object' && item[key] !== null) checkPart(`${at}.${key}`, item[key])
  }
}

function checkPart(at: string, part: object): void {
  for (const [key, value] of Object.entries(part)) {
    if (texts.has(key)) continue
    const here = Array.isArray(part) ? `${at}[${key}]` : `${at}.${key}`
    if (key === 'file_id' && value != null) throw invalid(`\`${here}\` names a stored file, which this server does not allow; send its data.`)
    if (typeof value === 'object' && value !== null) checkPart(here, value)
    // A part's `content` may be plain text: of a tool result, for one.
    else if (typeof value === 'string' && key !== 'content' && !Array.isArray(part) && isRemote(value)) {
      throw invalid(`\`${here}\` is an address, which this server does not let the provider fetch; send a data: URL.`)
    }
  }
}

function isRemote(value: string): boolean {
  return /^\s*(?!data:)(?:[a-z][a-z0-9+.-]*:)?\/\//i.test(value)
}
