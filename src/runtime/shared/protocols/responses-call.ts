import { jsonOf, textOf } from './json'
import { restOf } from './responses-item'
import type { ItemOutput, Message, OutputItem } from './responses-item'
import { openPart } from './part-writer'

/** A function call, or a custom tool's, whose input is free text. */
export function createCallItem(item: Message, { emit, numberPart }: ItemOutput): OutputItem {
  const type = textOf(item.type)
  const id = textOf(item.id)
  const providerMetadata = id === '' ? undefined : { openai: { itemId: id } }
  const head = {
    id: textOf(item.call_id),
    name: textOf(item.name),
    ...(type === 'custom_tool_call' && { kind: 'custom' as const }),
    ...(providerMetadata && { providerMetadata }),
  }
  const call = openPart(emit, 'tool-call', numberPart(), head)
  let streamed = ''
  let replaced: string | undefined
  let closed = false

  function append(delta: string): void {
    streamed += delta
    call.append(delta)
  }

  function complete(whole: string): void {
    const rest = restOf(whole, streamed)
    if (rest === undefined) replaced = whole
    else append(rest)
  }

  append(jsonOf(item.arguments ?? item.input))
  return {
    kind: 'call', type, id,
    get closed() { return closed },
    append: (_, message) => append(textOf(message.delta)),
    complete: (_, message) => complete(jsonOf(message.arguments ?? message.input)),
    close(value) {
      if (closed) return
      closed = true
      if (value) {
        const callId = head.id || textOf(value.call_id)
        const name = head.name || textOf(value.name)
        if (callId !== head.id || name !== head.name) emit({ type: 'tool-call-start', part: call.part, ...head, id: callId, name })
        complete(jsonOf(value.arguments ?? value.input))
      }
      call.end(replaced === undefined ? undefined : { arguments: replaced })
    },
  }
}
