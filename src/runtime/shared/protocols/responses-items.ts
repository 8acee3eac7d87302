import type { Emit } from './protocol'
import { isObject, textOf } from './json'
import { createCallItem } from './responses-call'
import type { ItemKind, Message, OutputItem } from './responses-item'
import { createTextItem } from './responses-text'
import { createToolItem } from './responses-tool'
import { createSources } from './sources'

/** The output of one response: finds the item that a message is about. */
export interface ResponseItems {
  /** `response.output_item.added`. */
  add: (message: Message) => void
  /** `response.output_item.done`. */
  close: (message: Message) => void
  /** The open item of this kind that a message names; a new one if there is none. */
  itemOf: (kind: ItemKind, message: Message) => OutputItem
  /** The output of a terminal message: adds what never came, closes what never closed, takes nothing away. */
  reconcile: (output: unknown[]) => void
  /** Closes what is still open. */
  closeAll: () => void
  /** Whether the response asks the app to call something. */
  readonly hasCalls: boolean
}

export function createResponseItems(emit: Emit): ResponseItems {
  let nextPart = 0
  const numberPart = () => nextPart++
  const output = { emit, numberPart, cite: createSources(emit, numberPart) }
  const all: OutputItem[] = []
  const byIndex = new Map<unknown, OutputItem>()

  /** [wire] Some proxies give an item a new id in each message: its place in the output names it, the id where there is none. */
  function find(index: unknown, id: unknown): OutputItem | undefined {
    const known = index === undefined ? all.findLast(item => id === undefined || item.id === id) : byIndex.get(index)
    return known?.closed ? undefined : known
  }

  function open(item: Message, index: unknown): OutputItem {
    const opened = createItem(item)
    all.push(opened)
    byIndex.set(index, opened)
    return opened
  }

  function createItem(item: Message): OutputItem {
    switch (item.type) {
      case 'message': case 'reasoning': return createTextItem(item, output)
      case 'function_call': case 'custom_tool_call': return createCallItem(item, output)
      default: return createToolItem(item, output)
    }
  }

  return {
    add(message) {
      if (!isObject(message.item)) return
      const known = find(message.output_index, message.item.id)
      if (known?.id === textOf(message.item.id) && known.type === message.item.type) return
      if (message.output_index !== undefined) known?.close()
      open(message.item, message.output_index)
    },
    close(message) {
      if (!isObject(message.item)) return
      const known = find(message.output_index, message.item.id)
      const item = known && known.type === message.item.type ? known : open(message.item, message.output_index)
      item.close(message.item)
    },
    itemOf(kind, message) {
      const known = find(message.output_index, message.item_id)
      return known?.kind === kind ? known : open({ type: unannounced(kind, textOf(message.type)), id: message.item_id }, message.output_index)
    },
    reconcile(values) {
      const streamed = new Set(all)
      for (const value of values) {
        if (!isObject(value)) continue
        const candidates = [...streamed].filter(item => item.type === value.type)
        const item = candidates.find(({ id }) => id === value.id) ?? candidates[0] ?? open(value, undefined)
        streamed.delete(item)
        item.close(value)
      }
    },
    closeAll() {
      for (const item of all) item.close()
    },
    get hasCalls() { return all.some(item => item.kind === 'call') },
  }
}

/** The type of an item whose first message is not `output_item.added`. */
function unannounced(kind: ItemKind, type: string): string {
  switch (kind) {
    case 'text': return type.startsWith('response.reasoning') ? 'reasoning' : 'message'
    case 'call': return type.startsWith('response.custom') ? 'custom_tool_call' : 'function_call'
    case 'tool': return 'image_generation_call'
  }
}
