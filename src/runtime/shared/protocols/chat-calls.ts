import type { Emit } from './protocol'
import { isObject, jsonOf, textOf } from './json'
import { openPart } from './part-writer'
import type { CallHead, PartWriter } from './part-writer'

/** The tool calls of one choice. */
export interface ChatCalls {
  /** `tool_calls` of a delta, or of a whole message. */
  read: (entries: unknown[]) => void
  /** `function_call`, which `tool_calls` replaced. */
  readLegacy: (call: Record<string, unknown>) => void
  close: () => void
  /** Whether there was a call. */
  readonly any: boolean
}

interface Call {
  head: CallHead
  writer: PartWriter
}

/** Where the legacy call is kept: no index of the wire is this text. */
const LEGACY = 'function_call'

export function createChatCalls(emit: Emit, numberPart: () => number): ChatCalls {
  let open: Call[] = []
  let any = false
  const byIndex = new Map<unknown, Call>()

  function readEntry(entry: unknown, position: number): void {
    if (!isObject(entry)) return
    const details = isObject(entry.function) ? entry.function : entry.custom
    if (!isObject(details)) return
    const index = entry.index ?? undefined
    const id = textOf(entry.id)
    const name = textOf(details.name)
    const delta = jsonOf(details.arguments ?? details.input)
    let call = find(index, id, name, position)
    if (!call) {
      if (id === '' && name === '' && delta === '') return
      const thoughtSignature = thoughtSignatureOf(entry.extra_content)
      call = start({
        id, name,
        ...(entry.custom !== undefined && { kind: 'custom' }),
        ...(thoughtSignature && { providerMetadata: { google: { thoughtSignature } } }),
      })
      if (index !== undefined) byIndex.set(index, call)
    }
    else {
      learn(call, id, name)
    }
    call.writer.append(delta)
  }

  function start(head: CallHead): Call {
    const call = { head, writer: openPart(emit, 'tool-call', numberPart(), head) }
    open.push(call)
    any = true
    return call
  }

  /** An id or a name that was empty when the call began. */
  function learn({ head, writer: { part } }: Call, id: string, name: string): void {
    if ((head.id || !id) && (head.name || !name)) return
    head.id ||= id
    head.name ||= name
    emit({ type: 'tool-call-start', part, ...head })
  }

  /** The open call that an entry continues; `undefined`: it begins one. The rules are those of wire.md §6. */
  function find(index: unknown, id: string, name: string, position: number): Call | undefined {
    if (index !== undefined) {
      const known = byIndex.get(index)
      const another = id !== '' && name !== '' && known?.head.id !== '' && known?.head.id !== id
      if (known || name !== '') return another ? undefined : known
    }
    if (id !== '') return open.find(call => call.head.id === id)
    const last = open.at(-1)
    // Without index and id: a second entry of the same delta, or another name, is another call.
    const another = name !== '' && last?.head.name !== '' && (position > 0 || last?.head.name !== name)
    return another ? undefined : last
  }

  return {
    read: entries => entries.forEach((entry, position) => readEntry(entry, position)),
    readLegacy: call => readEntry({ index: LEGACY, function: call }, 0),
    close() {
      for (const { writer } of open) writer.end()
      open = []
      byIndex.clear()
    },
    get any() { return any },
  }
}

/** [wire] Gemini: the signature of the thought that led to a text or a call has to go back with the next request. */
export function thoughtSignatureOf(extra: unknown): string {
  const google = isObject(extra) && extra.google
  return isObject(google) ? textOf(google.thought_signature) : ''
}
