import type { JsonObject, JsonValue, ProviderMetadata, ServerToolEvent } from '../events'
import type { Emit } from './protocol'
import { isObject, parseJson, textOf } from './json'
import { createSources, webSource } from './sources'
import type { FoundSource } from './sources'
import { openPart } from './part-writer'

/** One open content block. */
export interface MessageBlock {
  /** A `delta` of `content_block_delta`. */
  read: (delta: Record<string, unknown>) => void
  stop: () => void
  /** Whether a second start only says again what this block is. */
  continues: (block: Record<string, unknown>) => boolean
}

export interface MessageBlocks {
  /** Opens what `content_block_start` brings; `undefined` for a block that is no part, or is whole already. */
  open: (block: Record<string, unknown>) => MessageBlock | undefined
  /** Opens what a delta to an unknown block must belong to. */
  openForDelta: (delta: Record<string, unknown>) => MessageBlock | undefined
  /** Whether the answer asks the app to call something. */
  readonly hasCalls: boolean
}

/** A tool that the upstream runs, until its result is here. */
type RunningTool = Omit<ServerToolEvent, 'type' | 'raw' | 'choice'>

/** The content blocks of one message: what each of their types means as a part. */
export function createMessageBlocks(emit: Emit): MessageBlocks {
  let nextPart = 0
  let hasCalls = false
  const running = new Map<string, RunningTool>()
  const cite = createSources(emit, () => nextPart++)

  function open(block: Record<string, unknown>): MessageBlock | undefined {
    const type = textOf(block.type)
    switch (type) {
      case 'text': return openTextBlock(block)
      case 'thinking': case 'redacted_thinking': return openThinking(block)
      case 'tool_use': return openToolUse(block)
      case 'server_tool_use': case 'mcp_tool_use': return openServerTool(block)
      case 'compaction': return openCompaction(block)
      default: if (type.endsWith('_tool_result')) showResult(block)
    }
  }

  function openForDelta(delta: Record<string, unknown>): MessageBlock | undefined {
    if (delta.type === 'text_delta') return open({ type: 'text' })
    if (delta.type === 'thinking_delta') return open({ type: 'thinking' })
  }

  function openTextBlock(block: Record<string, unknown>): MessageBlock {
    const text = openPart(emit, 'text', nextPart++)
    const citations: JsonValue[] = []
    text.append(textOf(block.text))
    if (Array.isArray(block.citations)) for (const citation of block.citations) addCitation(citation)

    function addCitation(citation: unknown): void {
      if (!isObject(citation)) return
      citations.push(citation as JsonObject) // parsed JSON
      cite(toSource(citation))
    }

    return {
      read(delta) {
        if (delta.type === 'text_delta') text.append(textOf(delta.text))
        else if (delta.type === 'citations_delta') addCitation(delta.citation)
      },
      stop: () => text.end(citations.length > 0 ? { providerMetadata: { anthropic: { citations } } } : undefined),
      continues: ({ type, text }) => type === 'text' && textOf(text) === '',
    }
  }

  /** The signature, and the data of redacted thinking, must go back unchanged with the next request. */
  function openThinking(block: Record<string, unknown>): MessageBlock {
    const thinking = openPart(emit, 'reasoning', nextPart++)
    const redactedData = textOf(block.data)
    let signature = textOf(block.signature)
    thinking.append(textOf(block.thinking))
    return {
      read(delta) {
        if (delta.type === 'thinking_delta') thinking.append(textOf(delta.thinking))
        else if (delta.type === 'signature_delta') signature = textOf(delta.signature)
      },
      stop() {
        const anthropic = { ...(signature && { signature }), ...(redactedData && { redactedData }) }
        thinking.end(signature || redactedData ? { providerMetadata: { anthropic } } : undefined)
      },
      continues: ({ type, thinking }) => type === 'thinking' && textOf(thinking) === '',
    }
  }

  function openToolUse(block: Record<string, unknown>): MessageBlock {
    const id = textOf(block.id)
    const call = openPart(emit, 'tool-call', nextPart++, { id, name: textOf(block.name) })
    hasCalls = true
    let streamed = false
    return {
      read(delta) {
        const json = delta.type === 'input_json_delta' ? textOf(delta.partial_json) : ''
        streamed ||= json !== ''
        call.append(json)
      },
      stop() {
        if (!streamed && block.input !== undefined) call.append(JSON.stringify(block.input))
        call.end()
      },
      continues: ({ type, id: again }) => type === 'tool_use' && again === id,
    }
  }

  function openServerTool(block: Record<string, unknown>): MessageBlock {
    const id = textOf(block.id)
    const tool: RunningTool = { part: nextPart++, id, name: textOf(block.name), state: 'running' }
    let json = ''
    running.set(id, tool)
    emit({ type: 'server-tool', ...tool })
    return {
      read(delta) {
        if (delta.type === 'input_json_delta') json += textOf(delta.partial_json)
      },
      stop() {
        tool.input = json === '' ? block.input : parseJson(json)
        tool.providerMetadata = withBlock(undefined, { ...block, input: tool.input })
        emit({ type: 'server-tool', ...tool })
      },
      continues: ({ id: again }) => again === id,
    }
  }

  /** The result of a tool that the upstream ran, now or in an earlier turn. */
  function showResult(block: Record<string, unknown>): void {
    const id = textOf(block.tool_use_id)
    const name = textOf(block.type).slice(0, -'_tool_result'.length)
    const tool: RunningTool = running.get(id) ?? { part: nextPart++, id, name, state: 'running' }
    running.delete(id)
    const failed = block.is_error === true || (isObject(block.content) && textOf(block.content.type).endsWith('_error'))
    emit({
      type: 'server-tool', ...tool, state: failed ? 'failed' : 'complete', output: block.content,
      providerMetadata: withBlock(tool.providerMetadata, block),
    })
  }

  /** What the upstream put in place of earlier messages. Not text of the answer. */
  function openCompaction(block: Record<string, unknown>): MessageBlock {
    const tool: RunningTool = { part: nextPart++, id: 'compaction', name: 'compaction', state: 'running' }
    let content = textOf(block.content)
    emit({ type: 'server-tool', ...tool })
    return {
      read(delta) {
        if (delta.type === 'compaction_delta') content += textOf(delta.content)
      },
      stop() {
        emit({ type: 'server-tool', ...tool, state: 'complete', output: content, providerMetadata: withBlock(undefined, { ...block, content }) })
      },
      continues: ({ type }) => type === 'compaction',
    }
  }

  return { open, openForDelta, get hasCalls() { return hasCalls } }
}

/** Blocks that go back with the next request as they came. */
function withBlock(metadata: ProviderMetadata | undefined, block: Record<string, unknown>): ProviderMetadata {
  const blocks = (metadata?.anthropic?.blocks ?? []) as JsonValue[] // set by this function only
  return { anthropic: { blocks: [...blocks, block as JsonObject] } } // parsed JSON
}

/** A web page, a search result of the app's own, or a passage of a document that the request brought. */
function toSource(citation: Record<string, unknown>): FoundSource {
  const url = textOf(citation.url) || textOf(citation.source)
  if (/^https?:/.test(url)) return webSource(url, textOf(citation.title))
  const title = textOf(citation.document_title) || textOf(citation.title)
  const id = url || textOf(citation.file_id) || `document-${textOf(citation.document_index)}`
  return { id, title: title || id, mediaType: citation.type === 'page_location' ? 'application/pdf' : 'text/plain' }
}
