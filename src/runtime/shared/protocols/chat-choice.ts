import type { TextKind } from '../events'
import type { Emit } from './decoder'
import { isObject, jsonOf, textOf } from './json'

/** One choice of a Chat Completions answer: its deltas in, its parts out. */
export interface ChatChoice {
  /** A `delta`, or the `message` of a whole answer. */
  read: (delta: Record<string, unknown>, raw: unknown) => void
  /** The choice says why it ends: closes its parts. What comes after opens new ones. */
  finish: (reason: string, raw: unknown) => void
  /** Closes its parts. */
  close: () => void
  /** The last reason given. */
  readonly finishReason: string | null
  /** Whether it asked the app to call something. */
  readonly hasCalls: boolean
}

interface Call {
  part: number
  id: string
  name: string
}

const START = { text: 'text-start', reasoning: 'reasoning-start', refusal: 'refusal-start' } as const
const DELTA = { text: 'text-delta', reasoning: 'reasoning-delta', refusal: 'refusal-delta' } as const
const END = { text: 'text-end', reasoning: 'reasoning-end', refusal: 'refusal-end' } as const

/** Where the legacy `function_call` is kept among the calls: no index of the wire is a text like this. */
const LEGACY = 'function_call'

export function createChatChoice(emit: Emit): ChatChoice {
  let nextPart = 0
  let openKind: TextKind | undefined
  let finishReason: string | null = null
  let hasCalls = false
  let openCalls: Call[] = []
  const callsByIndex = new Map<unknown, Call>()

  function read(delta: Record<string, unknown>, raw: unknown): void {
    const { content } = delta
    // [wire] The same reasoning under both names counts once.
    const reasoning = delta.reasoning_content || delta.reasoning
    if (reasoning) append('reasoning', textOf(reasoning), raw)
    if (typeof content === 'string') append('text', content, raw)
    else if (Array.isArray(content)) readContentParts(content, raw)
    else append('text', textOf(content), raw)
    if (delta.refusal) append('refusal', textOf(delta.refusal), raw)
    if (Array.isArray(delta.tool_calls)) delta.tool_calls.forEach((entry, position) => readCall(entry, position, raw))
    if (isObject(delta.function_call)) readCall({ index: LEGACY, function: delta.function_call }, 0, raw)
  }

  /** Text goes to the open part of its kind. Another kind closes that one: parts keep the order of arrival. */
  function append(kind: TextKind, delta: string, raw: unknown): void {
    if (delta === '') return
    if (openKind !== kind) {
      closeText(raw)
      openKind = kind
      emit({ type: START[kind], part: nextPart++, raw })
    }
    emit({ type: DELTA[kind], part: nextPart - 1, delta, raw })
  }

  function closeText(raw?: unknown): void {
    if (openKind) emit({ type: END[openKind], part: nextPart - 1, raw })
    openKind = undefined
  }

  /** [wire] Mistral: `content` as an array of parts. */
  function readContentParts(parts: unknown[], raw: unknown): void {
    for (const part of parts) {
      if (!isObject(part)) continue
      if (part.type === 'text') append('text', textOf(part.text), raw)
      if (part.type === 'thinking') {
        const thinking = Array.isArray(part.thinking) ? part.thinking : [{ text: part.thinking }]
        for (const piece of thinking) if (isObject(piece)) append('reasoning', textOf(piece.text), raw)
      }
    }
  }

  function readCall(entry: unknown, position: number, raw: unknown): void {
    if (!isObject(entry)) return
    const details = isObject(entry.function) ? entry.function : entry.custom
    if (!isObject(details)) return
    const id = textOf(entry.id)
    const name = textOf(details.name)
    const delta = jsonOf(details.arguments ?? details.input)
    let call = findCall(entry.index, id, name, position)
    if (!call) {
      if (id === '' && name === '' && delta === '') return
      closeText(raw)
      hasCalls = true
      call = { part: nextPart++, id, name }
      openCalls.push(call)
      if (entry.index !== undefined && entry.index !== null) callsByIndex.set(entry.index, call)
      emit({ type: 'tool-call-start', part: call.part, id, name, ...(entry.custom !== undefined && { kind: 'custom' }), raw })
    }
    else if ((call.id === '' && id !== '') || (call.name === '' && name !== '')) {
      call.id ||= id
      call.name ||= name
      emit({ type: 'tool-call-start', part: call.part, id: call.id, name: call.name, raw })
    }
    if (delta !== '') emit({ type: 'tool-call-delta', part: call.part, delta, raw })
  }

  /** The open call that an entry continues; `undefined`: it opens one. The rules are those of wire.md §6. */
  function findCall(index: unknown, id: string, name: string, position: number): Call | undefined {
    const last = openCalls.at(-1)
    if (index !== undefined && index !== null) {
      const known = callsByIndex.get(index)
      if (known) return id !== '' && name !== '' && known.id !== '' && known.id !== id ? undefined : known
      if (name !== '') return undefined
    }
    if (id !== '') return openCalls.find(call => call.id === id)
    const another = name !== '' && last?.name !== '' && (position > 0 || last?.name !== name)
    return another ? undefined : last
  }

  function close(raw?: unknown): void {
    closeText(raw)
    for (const call of openCalls) emit({ type: 'tool-call-end', part: call.part, raw })
    openCalls = []
    callsByIndex.clear()
  }

  return {
    read,
    finish(reason, raw) {
      close(raw)
      if (reason !== finishReason) emit({ type: 'finish', reason, raw })
      finishReason = reason
    },
    close,
    get finishReason() { return finishReason },
    get hasCalls() { return hasCalls },
  }
}
