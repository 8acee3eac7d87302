import type { ProtocolName } from '../../shared/wire'
import { isObject } from '../../shared/protocols/json'
import { invalid } from './failures'

export interface ToolRules {
  protocol: ProtocolName
  /** Tools at most. */
  tools: number
  /** Types of hosted tools that may pass. */
  allow: ReadonlySet<string>
}

/**
 * Keeps the tools that the app runs itself and drops hosted ones (`web_search`, `mcp` …), which cost money or reach out,
 * unless their type is allowed. Throws `invalid_request`.
 */
export function pickTools(value: unknown, { protocol, tools, allow }: ToolRules): { kept: unknown[], dropped: string[] } {
  if (!Array.isArray(value)) throw invalid('`tools` must be an array.')
  if (value.length > tools) throw invalid(`\`tools\` has more than ${tools} entries.`)
  const kept: unknown[] = []
  const dropped: string[] = []
  for (const [index, tool] of value.entries()) {
    if (!isObject(tool)) throw invalid(`\`tools[${index}]\` must be an object.`)
    // [wire] Anthropic's own-run tools need no type; a tool of another protocol without one is nobody knows what.
    const type = tool.type ?? (protocol === 'messages' ? 'custom' : undefined)
    if (type === 'function' || type === 'custom' || isAllowed(type, allow)) kept.push(tool)
    else dropped.push(`tools.${typeof type === 'string' ? type : 'untyped'}`)
  }
  return { kept, dropped }
}

/** [wire] Anthropic puts a date behind its types: `web_search_20250305`. */
function isAllowed(type: unknown, allow: ReadonlySet<string>): boolean {
  return typeof type === 'string' && (allow.has(type) || allow.has(type.replace(/_\d{8}$/, '')))
}
