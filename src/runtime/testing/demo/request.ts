import type { RecordedCall } from '../call'
import { toList, toRecord } from './json'
import type { JsonRecord } from './json'

/** What the demo answers by. */
export interface DemoRequest {
  /** Text of the last message that the user wrote; `''` when there is none. */
  prompt: string
  /** Answers to tool calls that came after it, in order: the app has done its part, and waits. */
  toolResults: readonly string[]
  tools: readonly DemoTool[]
  /** JSON Schema of the object that is asked for, where one is. */
  schema: JsonSchema | undefined
}

export interface DemoTool {
  name: string
  /** JSON Schema of its arguments. */
  schema: JsonSchema
}

export type JsonSchema = Record<string, unknown>

/** Reads a request of any of the three protocols; what they have in common outweighs what sets them apart. */
export function readRequest({ body }: RecordedCall): DemoRequest {
  const request = toRecord(body)
  const items = toItems(request.messages ?? request.input)
  let last = items.length
  const toolResults: string[] = []
  for (let results; last > 0 && (results = readResults(items[last - 1]!)).length > 0; last--) toolResults.unshift(...results)
  return {
    prompt: readText(items.findLast(item => item.role === 'user' && readText(item.content) !== '')?.content),
    toolResults,
    tools: toList(request.tools).map(toRecord).map(readTool),
    schema: readSchema(request),
  }
}

function toItems(messages: unknown): JsonRecord[] {
  return typeof messages === 'string' ? [{ role: 'user', content: messages }] : toList(messages).map(toRecord)
}

/** Chat: a message of role `tool`. Responses: an item `function_call_output`. Messages: `tool_result` blocks of a user message. */
function readResults(item: JsonRecord): string[] {
  if (item.role === 'tool') return [readText(item.content)]
  if (item.type === 'function_call_output') return [readText(item.output)]
  return toList(item.content).map(toRecord).filter(({ type }) => type === 'tool_result').map(({ content }) => readText(content))
}

/** A text, or the texts of a list of parts. */
function readText(content: unknown): string {
  if (typeof content === 'string') return content
  return toList(content).map(part => toRecord(part).text).filter(text => typeof text === 'string').join('\n')
}

function readTool(tool: JsonRecord): DemoTool {
  const definition = 'function' in tool ? toRecord(tool.function) : tool
  return { name: String(definition.name), schema: toRecord(definition.parameters ?? definition.input_schema) }
}

/** `response_format` (chat), `text.format` (responses), `output_config.format` (messages). */
function readSchema({ response_format: chat, text, output_config: output }: JsonRecord): JsonSchema | undefined {
  const format = toRecord(chat ?? toRecord(text).format ?? toRecord(output).format)
  if (format.type === 'json_object') return {}
  if (format.type !== 'json_schema') return
  return toRecord(format.schema ?? toRecord(format.json_schema).schema)
}
