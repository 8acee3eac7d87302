import type { StreamEvent, TextDeltaEvent, ToolCallDeltaEvent } from './events'
import { initialState, reduceStream } from './state'
import type { StreamState } from './state'

/**
 * `reduceStream` over a whole run, for who looks at the state less often than events come: deltas to one part are joined
 * first and reduced together, which a run of many small deltas feels (bench/protocol.mjs).
 */
export interface Accumulator {
  add: (event: StreamEvent) => void
  /** The state after every event so far. */
  readonly state: StreamState
}

export function createAccumulator(state: StreamState = initialState()): Accumulator {
  /** The first of the deltas that are not reduced yet, and all of their text. */
  let first: TextDeltaEvent | ToolCallDeltaEvent | undefined
  let joined = ''

  function flush(): void {
    if (first === undefined) return
    state = reduceStream(state, first.delta === joined ? first : { ...first, delta: joined })
    first = undefined
  }

  return {
    add(event) {
      if (first !== undefined && event.type === first.type && event.part === first.part && event.choice === first.choice) {
        joined += event.delta
        return
      }
      flush()
      if ('delta' in event) {
        first = event
        joined = event.delta
      }
      else {
        state = reduceStream(state, event)
      }
    },
    get state() {
      flush()
      return state
    },
  }
}
