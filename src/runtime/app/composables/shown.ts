import { nextTick, shallowRef, warn } from 'vue'
import type { ShallowRef } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import type { KeyedState } from '../keyed'
import type { LlmStream } from '../llm-stream'
import { freezeDeep } from '../run/freeze'
import { loadEngine } from '../run/load-engine'
import { createRunMemory } from '../run/memory'
import type { RunMemory } from '../run/memory'
import type { Snapshot } from '../run/snapshot'
import { emptySnapshot } from '../run/snapshot'
import type { Stream } from '../run/stream'
import { createStream } from '../run/stream'
import { resolvePlan } from './plan'
import { createReport } from './report'
import type { UseStreamOptions } from './stream-options'

type Options = UseStreamOptions<unknown, ProtocolName>

/** A stream and the one ref that it is shown by: what components of the same key share. */
interface ShownStream extends KeyedState {
  stream: Stream
  snapshot: Readonly<ShallowRef<Snapshot>>
  /** The run that was under way when the page was left, if it can be come back to. */
  memory: RunMemory | undefined
  /** The options that count: those of the first of its users. */
  options: Options
  /** Starts a run for what one of its users has seen change; not a second one for another who sees the same change. */
  restart: (by: object) => void
}

/** The stream of these options, a new one or the one of their key. `leave`: its user is gone. */
export function openStream<TObject, TProtocol extends ProtocolName>(
  typed: UseStreamOptions<TObject, TProtocol>,
  context: LlmStream,
): { shown: ShownStream, leave: () => void } {
  const options = typed as Options // what a stream does does not depend on the types of its object and its body
  const { key } = options
  const { state: shown, leave } = context.keyed.acquire(key && `stream:${key}`, () => createShownStream(options, context), (state) => { state.options = options })
  if (process.env.NODE_ENV !== 'production' && differ(options, shown.options)) {
    warn(`useStream: key '${key}' is in use with other options, which count. Give both uses the same options, or another key.`)
  }
  return { shown, leave: () => leave(options.keepAlive) }
}

/** Whether two sets of options say different things, as far as values can be compared: functions and objects never are the same. */
function differ(some: Options, others: Options): boolean {
  const names = new Set([...Object.keys(some), ...Object.keys(others)]) as Set<keyof Options>
  return [...names].some((name) => {
    const [one, other] = [some[name], others[name]]
    return typeof one !== typeof other || (typeof one !== 'object' && typeof one !== 'function' && one !== other)
  })
}

function createShownStream(options: Options, context: LlmStream): ShownStream {
  const snapshot = shallowRef(emptySnapshot())
  const report = createReport(context, 'useStream')

  function write(value: Snapshot): void {
    try {
      snapshot.value = process.env.NODE_ENV === 'production' ? value : freezeDeep(value)
    }
    catch (error) {
      report(error) // a synchronous watcher of the app's threw: in development Vue passes it on
    }
  }

  const memory = options.key ? createRunMemory(options.key) : undefined
  const stream = createStream({
    load: typeof document === 'undefined' ? undefined : loadEngine,
    plan: input => resolvePlan(input, shown.options, context),
    write,
    hooks: () => shown.options,
    memory,
    needs: { resumable: options.resume, schema: options.schema },
    report,
    warn,
  })
  /** Who has seen the change at hand first. */
  let first: object | undefined

  const shown: ShownStream = {
    stream,
    snapshot,
    memory,
    options,
    restart(by) {
      first ??= by
      if (first === by) void stream.start()
      void nextTick(() => { first = undefined })
    },
    dispose: stream.dispose,
  }
  return shown
}
