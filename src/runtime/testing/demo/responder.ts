import type { RecordedCall } from '../call'
import type { Respond } from '../fake-upstream'
import { endAfter, resetAfter, stallAfter } from '../faults'
import type { Script } from '../script'
import { readRequest } from './request'
import type { DemoRequest, DemoTool } from './request'
import { sampleOf } from './sample'
import { greeting, markdown, poem, reasoned, reasoning, recipe, refusal, story, toolAnswer } from './texts'

/** Options of `demoResponder`. */
export interface DemoOptions {
  /** Milliseconds between two pieces of an answer. @default 25 */
  delay?: number
}

/**
 * The `respond` of the demo upstream: words in the last user message choose what is said (`tool`, `reason`, `json`,
 * `markdown`, `long`, `poem`, `refuse`, `echo`) and what goes wrong (`slow`, `stall`, `cut`, `truncate`, `error`, `401`,
 * `429`, `500`). It calls the tools that it is given, goes on when their results come back, and fills any JSON Schema.
 *
 * @example
 * import { createFakeUpstream, demoResponder } from 'nuxt-llm-stream/testing'
 *
 * const upstream = createFakeUpstream({ respond: demoResponder({ delay: 0 }) })
 */
export function demoResponder({ delay = 25 }: DemoOptions = {}): Respond {
  return (call: RecordedCall) => {
    const request = readRequest(call)
    return { delay, ...toContent(request), ...toTrouble(request.prompt, delay) }
  }
}

function toContent(request: DemoRequest): Script {
  const { prompt, schema, toolResults } = request
  const says = (word: RegExp) => word.test(prompt)
  if (toolResults.length > 0) return { text: toolAnswer(toolResults) }
  if (schema) return { text: toText(Object.keys(schema).length > 0 ? sampleOf(schema) : recipe) }
  const tools = mentionedTools(request)
  if (tools.length > 0) {
    return { text: 'One moment, I will look that up. ', toolCalls: tools.map(tool => ({ name: tool.name, arguments: toArguments(tool, prompt) })) }
  }
  if (says(/^\s*echo\b/i)) return { text: prompt.replace(/^\s*echo[\s:,]*/i, '') }
  if (says(/\bjson\b/i)) return { text: toText(recipe) }
  if (says(/\breason(?:ing|s)?\b/i)) return { reasoning, text: reasoned }
  if (says(/\brefus(?:e|al)\b/i)) return { refusal }
  if (says(/\bmarkdown\b/i)) return { text: markdown }
  if (says(/\blong\b/i)) return { text: story }
  return { text: says(/\b(?:poem|verse)\b/i) ? poem : greeting }
}

/** Frames that come before a fault: enough to see text, and to see that it stays. */
const BEFORE_FAULT = 16

function toTrouble(prompt: string, delay: number): Script {
  const says = (word: RegExp) => word.test(prompt)
  if (says(/\b401\b/)) return { status: 401, error: { message: 'The demo upstream does not accept this key.' } }
  // Longer than the relay waits before it tries again, so that the app gets to see it at once.
  if (says(/\b429\b/)) return { status: 429, headers: { 'retry-after': '45' }, error: { message: 'The demo upstream is asked too often.' } }
  if (says(/\b500\b/)) return { status: 500, error: { message: 'The demo upstream has tripped.' } }
  if (says(/\berror\b/i)) return { error: { message: 'The demo upstream broke off in mid-sentence.' } }
  if (says(/\bcut\b/i)) return { fault: resetAfter(BEFORE_FAULT) }
  if (says(/\btruncated?\b/i)) return { fault: endAfter(BEFORE_FAULT) }
  if (says(/\bstall\b/i)) return { fault: stallAfter(BEFORE_FAULT) }
  if (says(/\bslow(?:ly)?\b/i)) return { delay: delay * 10 }
  return {}
}

const weatherTool: DemoTool = {
  name: 'get_weather',
  schema: { type: 'object', properties: { city: { type: 'string' }, unit: { enum: ['celsius', 'fahrenheit'] } } },
}

/** The tools whose name's words are in the prompt; the first one for a bare "tool", our own where the app brings none. */
function mentionedTools({ prompt, tools }: DemoRequest): readonly DemoTool[] {
  const words = new Set(prompt.toLowerCase().match(/[a-z]{4,}/g))
  const mentioned = tools.filter(({ name }) => name.toLowerCase().split(/[^a-z]+/).some(word => words.has(word)))
  if (mentioned.length > 0) return mentioned
  if (words.has('tools')) return tools.length > 0 ? tools : [weatherTool]
  return words.has('tool') ? [tools[0] ?? weatherTool] : []
}

/** A sample, about the place that the prompt names. */
function toArguments({ schema }: DemoTool, prompt: string): unknown {
  const value = sampleOf({ type: 'object', ...schema })
  const place = /\b(?:in|of|for|at|to) (\p{Lu}[\p{L}-]+)/u.exec(prompt)?.[1]
  if (!place || typeof value !== 'object' || value === null) return value
  const key = Object.keys(value).find(name => /city|place|location/i.test(name))
  return key ? { ...value, [key]: place } : value
}

function toText(value: unknown): string {
  return JSON.stringify(value, null, 2)
}
