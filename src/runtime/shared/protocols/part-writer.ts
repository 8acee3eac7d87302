import type { ProviderMetadata, StreamEvent, TextKind } from '../events'
import type { Emit } from './protocol'

/** Emits the events of one part, running text or a tool call, in their order. */
export interface PartWriter {
  readonly kind: PartKind
  readonly part: number
  /** An empty delta is no event. */
  append: (delta: string) => void
  end: (more?: { text?: string, arguments?: string, providerMetadata?: ProviderMetadata }) => void
}

type PartKind = TextKind | 'tool-call'

/** What a tool call begins with. */
export interface CallHead {
  id: string
  name: string
  kind?: 'function' | 'custom'
  providerMetadata?: ProviderMetadata
}

/** Written out: words put together while running are compared letter by letter, wherever an event's type is looked at. */
const DELTAS = {
  'text': 'text-delta',
  'reasoning': 'reasoning-delta',
  'refusal': 'refusal-delta',
  'tool-call': 'tool-call-delta',
} as const

/** The decoder puts the message here: an object that has to grow for it takes twice the memory, and deltas are many. */
const ROOM = undefined

/** Opens a part; a call with its `head`. */
export function openPart(emit: Emit, kind: PartKind, part: number, head?: CallHead): PartWriter {
  const type = DELTAS[kind]
  emit({ type: `${kind}-start`, part, ...head } as StreamEvent) // only a call needs one
  return {
    kind,
    part,
    append(delta) {
      if (delta !== '') emit({ type, part, delta, raw: ROOM })
    },
    end(more) {
      emit({ type: `${kind}-end`, part, ...more })
    },
  }
}
