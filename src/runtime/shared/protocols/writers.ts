import type { ProviderMetadata, TextKind } from '../events'
import type { Emit } from './decoder'

/** Emits the events of one part of running text, in their order. */
export interface TextWriter {
  readonly kind: TextKind
  /** An empty delta is no event. */
  append: (delta: string) => void
  end: (more?: { text?: string, providerMetadata?: ProviderMetadata }) => void
}

/** Emits the events of one tool call, in their order. */
export interface CallWriter {
  readonly part: number
  append: (delta: string) => void
  end: (more?: { arguments?: string, providerMetadata?: ProviderMetadata }) => void
}

/** The decoder puts the message here: an object that has to grow for it takes twice the memory, and deltas are many. */
const ROOM = undefined

export function openText(emit: Emit, kind: TextKind, part: number): TextWriter {
  const type = `${kind}-delta` as const
  emit({ type: `${kind}-start`, part })
  return {
    kind,
    append(delta) {
      if (delta !== '') emit({ type, part, delta, raw: ROOM })
    },
    end(more) {
      emit({ type: `${kind}-end`, part, ...more })
    },
  }
}

export interface CallHead {
  id: string
  name: string
  kind?: 'function' | 'custom'
  providerMetadata?: ProviderMetadata
}

export function openCall(emit: Emit, part: number, head: CallHead): CallWriter {
  emit({ type: 'tool-call-start', part, ...head })
  return {
    part,
    append(delta) {
      if (delta !== '') emit({ type: 'tool-call-delta', part, delta, raw: ROOM })
    },
    end(more) {
      emit({ type: 'tool-call-end', part, ...more })
    },
  }
}
