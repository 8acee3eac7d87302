import type { JsonObject, JsonValue, TextKind } from '../events'
import { isObject, textOf } from './json'
import { restOf } from './responses-item'
import type { ItemOutput, Message, OutputItem } from './responses-item'
import { webSource } from './sources'
import type { FoundSource } from './sources'
import { openPart } from './part-writer'
import type { PartWriter } from './part-writer'

/** One content of an item, while it is streamed. */
interface OpenText {
  name: string
  index: number
  writer: PartWriter
  streamed: string
  /** The whole text, where it does not continue what was streamed. */
  replaced?: string
  annotations: JsonValue[]
  logprobs: JsonValue[]
}

const KINDS: Record<string, TextKind> = { output_text: 'text', refusal: 'refusal' }

/** A message or a reasoning item: one part for each of its contents. */
export function createTextItem(item: Message, { emit, numberPart, cite }: ItemOutput): OutputItem {
  const type = textOf(item.type)
  const id = textOf(item.id)
  const known = new Set<string>()
  let open: OpenText | undefined
  let phase = textOf(item.phase)
  let closed = false

  /** The text of this name and number; `undefined` when it is closed. When one begins, the one before it is done. */
  function textAt(name: string, number: unknown): OpenText | undefined {
    const index = typeof number === 'number' ? number : 0
    if (open !== undefined && open.name === name && open.index === index) return open
    const key = `${name} ${index}`
    if (known.has(key)) return undefined
    known.add(key)
    closeText()
    open = { name, index, writer: openPart(emit, KINDS[name] ?? 'reasoning', numberPart()), streamed: '', annotations: [], logprobs: [] }
    return open
  }

  function complete(text: OpenText, { text: whole, refusal, annotations, logprobs }: Message): void {
    const expected = textOf(whole ?? refusal)
    const rest = restOf(expected, text.streamed)
    if (rest === undefined) text.replaced = expected
    else append(text, rest)
    if (Array.isArray(logprobs) && logprobs.length > 0) text.logprobs = logprobs
    if (Array.isArray(annotations) && annotations.length > 0) {
      text.annotations = annotations
      for (const annotation of annotations) citeAnnotation(annotation)
    }
  }

  function citeAnnotation(annotation: unknown): void {
    const source = isObject(annotation) && toSource(annotation)
    if (source) cite(source)
  }

  function closeText(reasoningEncryptedContent = ''): void {
    if (!open) return
    const { writer, replaced, annotations, logprobs } = open
    open = undefined
    const openai: JsonObject = {
      ...(id && { itemId: id }),
      ...(phase && { phase }),
      ...(annotations.length > 0 && { annotations }),
      ...(logprobs.length > 0 && { logprobs }),
      ...(reasoningEncryptedContent && { reasoningEncryptedContent }),
    }
    writer.end({
      ...(replaced !== undefined && { text: replaced }),
      ...(Object.keys(openai).length > 0 && { providerMetadata: { openai } }),
    })
  }

  return {
    kind: 'text', type, id,
    get closed() { return closed },
    append(name, message) {
      if (name === 'annotation') {
        if (isObject(message.annotation)) open?.annotations.push(message.annotation as JsonObject) // parsed JSON
        return citeAnnotation(message.annotation)
      }
      const text = textAt(name, message.content_index ?? message.summary_index)
      if (text) append(text, textOf(message.delta))
    },
    complete(name, message) {
      const text = textAt(name, message.content_index ?? message.summary_index)
      if (text) complete(text, message)
    },
    close(value) {
      if (closed) return
      closed = true
      phase ||= textOf(value?.phase)
      for (const [name, index, content] of value ? contentsOf(value) : []) {
        const text = textAt(name, index)
        if (text) complete(text, content)
      }
      const encrypted = textOf(value?.encrypted_content)
      // Reasoning without a word of summary is still to be given back.
      if (encrypted !== '' && known.size === 0) textAt('reasoning_text', 0)
      closeText(encrypted)
    },
  }
}

function append(text: OpenText, delta: string): void {
  text.streamed += delta
  text.writer.append(delta)
}

/** The contents of a whole item, by the names that its deltas have. */
function* contentsOf({ type, content, summary }: Message): Generator<[name: string, index: number, content: Message]> {
  if (Array.isArray(summary)) {
    for (const [index, part] of summary.entries()) if (isObject(part)) yield ['reasoning_summary_text', index, part]
  }
  if (Array.isArray(content)) {
    for (const [index, part] of content.entries()) {
      if (!isObject(part)) continue
      if (type === 'reasoning') yield ['reasoning_text', index, part]
      else if (part.type === 'refusal') yield ['refusal', index, part]
      else if (part.type === 'output_text' || part.type === 'text') yield ['output_text', index, part]
    }
  }
}

/** What an annotation cites: a web page, or a file by its id. */
function toSource({ type, url, title, file_id, filename, container_id }: Message): FoundSource | undefined {
  if (textOf(url) !== '') return webSource(textOf(url), textOf(title))
  const fileId = textOf(file_id)
  if (fileId === '') return undefined
  const name = textOf(filename)
  const openai = { type: textOf(type), fileId, ...(container_id !== undefined && { containerId: textOf(container_id) }) }
  return { id: fileId, title: name || fileId, ...(name !== '' && { filename: name }), mediaType: 'text/plain', providerMetadata: { openai } }
}
