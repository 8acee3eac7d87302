import type { JsonObject, JsonValue, ProviderMetadata, TextKind } from '../events'
import { createAudio } from './chat-audio'
import type { Audio } from './chat-audio'
import { createChatCalls, thoughtSignatureOf } from './chat-calls'
import type { Emit } from './protocol'
import { isObject, textOf } from './json'
import { createSources, webSource } from './sources'
import { openPart } from './part-writer'
import type { PartWriter } from './part-writer'

/** One choice of a Chat Completions answer: its deltas in, its parts out. */
export interface ChatChoice {
  /** An element of `choices`, with its `delta`, or with the `message` of a whole answer. */
  read: (item: Record<string, unknown>) => void
  /** What the answer as a whole cites: `citations`, `search_results`. */
  cite: (sources: unknown[]) => void
  /** The choice says why it ends: closes its parts. What comes after opens new ones. */
  finish: (reason: string) => void
  /** Closes its parts. */
  close: () => void
  /** The last reason given. */
  readonly finishReason: string | null
  /** Whether it asked the app to call something. */
  readonly hasCalls: boolean
}

/** What goes with a text, and may have to go back with the next request. */
interface TextMetadata {
  openai?: { logprobs: JsonValue[] }
  openrouter?: { reasoning_details: JsonObject[] }
  google?: { thoughtSignature: string }
  llmStream?: { field: string }
}

export function createChatChoice(emit: Emit): ChatChoice {
  let nextPart = 0
  /** The text that is being written. */
  let open: PartWriter | undefined
  let metadata: TextMetadata | undefined
  let audio: Audio | undefined
  let finishReason: string | null = null
  const numberPart = () => nextPart++
  const calls = createChatCalls(emit, numberPart)
  const citeSource = createSources(emit, numberPart)

  function read(item: Record<string, unknown>): void {
    const delta = item.delta ?? item.message
    if (!isObject(delta)) return append('text', textOf(item.text)) // [wire] legacy completions
    const { content } = delta
    // [wire] The same reasoning under both names counts once.
    const reasoning = delta.reasoning_content || delta.reasoning
    if (reasoning) append('reasoning', textOf(reasoning))
    // Some want it back under this name.
    if (delta.reasoning_content && open) (metadata ??= {}).llmStream ??= { field: 'reasoning_content' }
    if (Array.isArray(delta.reasoning_details)) addReasoningDetails(delta.reasoning_details)
    if (typeof content === 'string') append('text', content)
    else if (Array.isArray(content)) readContentParts(content)
    else append('text', textOf(content))
    if (delta.refusal) append('refusal', textOf(delta.refusal))
    if (item.logprobs) addLogprobs(item.logprobs)
    if (delta.tool_calls || delta.function_call) readCalls(delta)
    if (delta.extra_content) addThoughtSignature(delta.extra_content)
    if (Array.isArray(delta.annotations)) cite(delta.annotations)
    if (Array.isArray(delta.images)) for (const image of delta.images) showImage(image)
    if (isObject(delta.audio)) (audio ??= createAudio()).add(delta.audio)
  }

  /** Text goes to the open part of its kind. Another kind closes that one: parts keep the order of arrival. */
  function append(kind: TextKind, delta: string): void {
    if (delta === '') return
    if (open?.kind !== kind) begin(kind)
    open!.append(delta) // `begin` has opened it
  }

  function begin(kind: TextKind): void {
    closeText()
    open = openPart(emit, kind, numberPart())
  }

  function closeText(): void {
    open?.end(metadata && { providerMetadata: metadata as ProviderMetadata }) // what is not set is not there
    open = metadata = undefined
  }

  /** [wire] Mistral: `content` as an array of parts. */
  function readContentParts(parts: unknown[]): void {
    for (const part of parts) {
      if (!isObject(part)) continue
      if (part.type === 'text') append('text', textOf(part.text))
      else if (part.type === 'image_url') showImage(part)
      else if (part.type === 'thinking') {
        const thinking = Array.isArray(part.thinking) ? part.thinking : [{ text: part.thinking }]
        for (const piece of thinking) if (isObject(piece)) append('reasoning', textOf(piece.text))
      }
    }
  }

  /** [wire] OpenRouter: what has to go back with the next request. The text in it came as `reasoning` already. */
  function addReasoningDetails(details: unknown[]): void {
    if (details.length === 0) return
    if (open?.kind !== 'reasoning') begin('reasoning')
    const { reasoning_details: known } = (metadata ??= {}).openrouter ??= { reasoning_details: [] }
    for (const detail of details) if (isObject(detail)) mergeDetail(known, detail as JsonObject) // parsed JSON
  }

  function addLogprobs(logprobs: unknown): void {
    const tokens = isObject(logprobs) && (logprobs.content ?? logprobs.refusal)
    if (open && Array.isArray(tokens)) ((metadata ??= {}).openai ??= { logprobs: [] }).logprobs.push(...tokens)
  }

  /** [wire] Gemini signs its thoughts, and wants the signature back. */
  function addThoughtSignature(extra: unknown): void {
    const thoughtSignature = thoughtSignatureOf(extra)
    if (open && thoughtSignature) (metadata ??= {}).google = { thoughtSignature }
  }

  function readCalls(delta: Record<string, unknown>): void {
    closeText()
    if (Array.isArray(delta.tool_calls)) calls.read(delta.tool_calls)
    if (isObject(delta.function_call)) calls.readLegacy(delta.function_call)
  }

  function showImage(image: unknown): void {
    if (!isObject(image)) return
    const url = isObject(image.image_url) ? textOf(image.image_url.url) : textOf(image.image_url)
    const mediaType = /^data:([^;,]+)/.exec(url)?.[1] ?? 'image/*'
    if (url !== '') emit({ type: 'file', part: numberPart(), url, mediaType })
  }

  /** Addresses, or objects that hold one with its title; annotations keep theirs one level down. */
  function cite(sources: unknown[]): void {
    for (const source of sources) {
      const page = isObject(source) ? source.url_citation ?? source : { url: source }
      if (isObject(page)) citeSource(webSource(textOf(page.url), textOf(page.title)))
    }
  }

  function close(): void {
    closeText()
    const file = audio?.toFile()
    audio = undefined
    if (file) emit({ type: 'file', part: numberPart(), ...file })
    calls.close()
  }

  return {
    read,
    cite,
    finish(reason) {
      close()
      if (reason !== finishReason) emit({ type: 'finish', reason })
      finishReason = reason
    },
    close,
    get finishReason() { return finishReason },
    get hasCalls() { return calls.any },
  }
}

/** Adds a detail, or what continues the last one: the pieces of one detail share its type and index. */
function mergeDetail(details: JsonObject[], detail: JsonObject): void {
  const last = details.at(-1)
  if (!last || last.type !== detail.type || last.index !== detail.index || detail.index === undefined) {
    details.push(detail)
    return
  }
  const merged: Record<string, JsonValue | undefined> = { ...last }
  for (const key of ['text', 'summary', 'data', 'signature']) {
    const more = detail[key]
    if (typeof more === 'string') merged[key] = key === 'signature' ? more : textOf(merged[key]) + more
  }
  details[details.length - 1] = merged
}
