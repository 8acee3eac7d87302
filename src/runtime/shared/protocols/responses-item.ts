import type { Emit } from './protocol'
import type { FoundSource } from './sources'

export type Message = Record<string, unknown>

/** `text`: messages and reasoning. `call`: what the app has to answer. `tool`: everything the upstream runs itself. */
export type ItemKind = 'text' | 'call' | 'tool'

/** One item of a response's output. */
export interface OutputItem {
  readonly kind: ItemKind
  readonly type: string
  readonly id: string
  readonly closed: boolean
  /** More of what `name` stands for on the wire: `output_text`, `refusal`, `function_call_arguments` … */
  append: (name: string, message: Message) => void
  /** The whole of it is here. It counts where the deltas brought less. */
  complete: (name: string, message: Message) => void
  /** The item is done. `value` is all of it, where the message holds it. A second time changes nothing. */
  close: (value?: Message) => void
}

/** What an item writes to. */
export interface ItemOutput {
  emit: Emit
  /** The number of a new part. */
  numberPart: () => number
  /** Makes a part of a source that is new. */
  cite: (source: FoundSource) => void
}

/**
 * What a whole text has beyond the deltas, when it continues them. `undefined`: it says something else, so that it has to
 * replace them. Lengths are compared first, since they cost nothing.
 */
export function restOf(whole: string, streamed: string): string | undefined {
  if (whole.length <= streamed.length) return ''
  return whole.startsWith(streamed) ? whole.slice(streamed.length) : undefined
}
