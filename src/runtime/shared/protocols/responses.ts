import { outcomeOfReason } from '../outcome'
import type { Outcome } from '../outcome'
import { isObject, textOf } from './json'
import type { Emit, Envelope, MessageReader, Protocol } from './protocol'
import { createResponseItems } from './responses-items'

/** The Responses API. [spec] https://platform.openai.com/docs/api-reference/responses-streaming */
export const responses: Protocol = {
  name: 'responses',
  createReader: createResponsesReader,
}

function createResponsesReader(emit: Emit, { identify, count, finish, fail }: Envelope): MessageReader {
  const items = createResponseItems(emit)
  let outcome: Outcome | undefined

  function read(message: Record<string, unknown>, event: string | undefined): void {
    const type = message.type ?? event
    switch (type) {
      case 'response.output_text.delta': return items.itemOf('text', message).append('output_text', message)
      case 'response.output_text.done': return items.itemOf('text', message).complete('output_text', message)
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return items.itemOf('call', message).append('input', message)
      case 'response.function_call_arguments.done':
      case 'response.custom_tool_call_input.done':
        return items.itemOf('call', message).complete('input', message)
      case 'response.reasoning_text.delta': return items.itemOf('text', message).append('reasoning_text', message)
      case 'response.reasoning_text.done': return items.itemOf('text', message).complete('reasoning_text', message)
      case 'response.reasoning_summary_text.delta': return items.itemOf('text', message).append('reasoning_summary_text', message)
      case 'response.reasoning_summary_text.done': return items.itemOf('text', message).complete('reasoning_summary_text', message)
      case 'response.refusal.delta': return items.itemOf('text', message).append('refusal', message)
      case 'response.refusal.done': return items.itemOf('text', message).complete('refusal', message)
      case 'response.output_item.added': return items.add(message)
      case 'response.output_item.done': return items.close(message)
      case 'response.output_text.annotation.added': return items.itemOf('text', message).append('annotation', message)
      case 'response.image_generation_call.partial_image': return items.itemOf('tool', message).append('partial_image', message)
    }
    if (message.object === 'response') return readWhole(message)
    if (!isObject(message.response)) return
    identify(message.response)
    switch (type) {
      case 'response.completed': return end(message.response, 'completed')
      case 'response.incomplete': return end(message.response, 'incomplete')
      case 'response.failed': return end(message.response, 'failed')
      case 'response.cancelled': return end(message.response, 'cancelled')
      case 'response.done': return end(message.response, textOf(message.response.status) || 'completed')
    }
  }

  /** An answer that was not streamed. */
  function readWhole(response: Record<string, unknown>): void {
    identify(response)
    const status = textOf(response.status)
    // A response that runs in the background is no answer yet.
    if (status !== 'queued' && status !== 'in_progress') end(response, status || 'completed')
  }

  /** The whole response is here: takes from it what the events before did not bring. */
  function end(response: Record<string, unknown>, status: string): void {
    if (Array.isArray(response.output)) items.reconcile(response.output)
    count(response.usage)
    const details = isObject(response.incomplete_details) ? textOf(response.incomplete_details.reason) : ''
    const reason = details || status
    outcome = status === 'cancelled' ? 'stopped' : outcomeOfReason(reason, items.hasCalls)
    emit({ type: 'finish', reason })
    if (status === 'failed') fail(isObject(response.error) ? response : { message: 'The upstream failed while it answered.' })
    else finish()
  }

  return {
    read,
    close: items.closeAll,
    proven: () => false, // only a terminal message says so
    outcome: () => outcome ?? outcomeOfReason(null, items.hasCalls),
  }
}
