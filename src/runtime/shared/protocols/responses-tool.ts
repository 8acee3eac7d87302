import type { JsonObject } from '../events'
import { parseJson, textOf } from './json'
import type { ItemOutput, Message, OutputItem } from './responses-item'

/** A tool that the upstream runs, or any other item that is neither text nor a call. */
export function createToolItem(item: Message, { emit, numberPart }: ItemOutput): OutputItem {
  const type = textOf(item.type)
  const id = textOf(item.id)
  const part = numberPart()
  let closed = false

  function show(value: Message, state: 'running' | 'complete' | 'failed'): void {
    const { result, ...rest } = value
    const input = inputOf(value)
    const output = state === 'running' ? undefined : outputOf(value)
    emit({
      type: 'server-tool', part, id, name: type, state,
      ...(input !== undefined && { input }), ...(output !== undefined && { output }),
      // An image is its own part: kept here too, it would be stored twice.
      ...(state !== 'running' && { providerMetadata: { openai: { item: (typeof result === 'string' ? rest : value) as JsonObject } } }),
    })
  }

  show(item, 'running')
  return {
    kind: 'tool', type, id,
    get closed() { return closed },
    append(name, message) {
      if (name === 'partial_image') emit({ type: 'server-tool', part, id, name: type, state: 'running', output: message })
    },
    complete() {},
    close(value) {
      if (closed || !value) return // one that never ended is shown as running: so the wire left it
      closed = true
      show(value, hasFailed(value) ? 'failed' : 'complete')
      const image = textOf(value.result)
      if (image === '') return
      const mediaType = `image/${textOf(value.output_format) || 'png'}`
      emit({ type: 'file', part: numberPart(), url: `data:${mediaType};base64,${image}`, mediaType })
    },
  }
}

function hasFailed({ status, error }: Message): boolean {
  return status === 'failed' || status === 'incomplete' || (error !== undefined && error !== null)
}

/** What the tool was asked, in whichever field its kind of item has for that. */
function inputOf({ arguments: json, action, code, queries, operation, input }: Message): unknown {
  if (typeof json === 'string') return json === '' ? undefined : parseJson(json)
  return json ?? action ?? code ?? queries ?? operation ?? input
}

/** What it gave; for a failed one, why. */
function outputOf({ output, outputs, results, tools, error }: Message): unknown {
  return output ?? outputs ?? results ?? tools ?? error ?? undefined
}
