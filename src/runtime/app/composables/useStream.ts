import { computed, getCurrentInstance, getCurrentScope, onMounted, onScopeDispose, watch as onChange } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import { useLlmStream } from '../llm-stream'
import type { Snapshot } from '../run/snapshot'
import { toStatus } from '../run/snapshot'
import { openStream } from './shown'
import type { UseStreamOptions } from './stream-options'
import type { ReadonlyRef, UseStreamReturn } from './stream-return'

/**
 * Streams an answer of a language model into refs.
 *
 * Nothing runs on the server, verbs never reject, and the run ends with the component (or scope) that uses it.
 *
 * @example
 * const { text, status, start, stop } = useStream()
 */
export function useStream<TObject = never, TProtocol extends ProtocolName = 'chat'>(
  options: UseStreamOptions<TObject, TProtocol> = {},
): UseStreamReturn<TObject, TProtocol> {
  const { immediate = false, watch } = options
  const context = useLlmStream()
  // What a stream does does not depend on the types of its object and its body.
  const { stream, snapshot, leave } = openStream(options as UseStreamOptions<unknown, ProtocolName>, context)
  if (getCurrentScope()) onScopeDispose(leave)
  whenMounted(() => {
    if (watch) onChange(watch, () => stream.start())
    if (immediate) void stream.start()
  })

  const view = <T>(read: (snapshot: Snapshot) => T): ReadonlyRef<T> => computed(() => read(snapshot.value))
  const shownRefs = {
    text: view(({ result }) => result.text),
    reasoning: view(({ result }) => result.reasoning),
    refusal: view(({ result }) => result.refusal),
    parts: view(({ result }) => result.choices[0]!.parts), // there is always a first choice
    toolCalls: view(({ result }) => result.toolCalls),
    choices: view(({ result }) => result.choices),
    object: view(({ object }) => object),
    usage: view(({ result }) => result.usage),
    finishReason: view(({ result }) => result.finishReason),
    model: view(({ result }) => result.model),
    responseId: view(({ result }) => result.responseId),
    runId: view(({ runId }) => runId),
    status: view(({ phase }) => toStatus(phase)),
    outcome: view(({ result }) => result.outcome),
    error: view(({ result }) => result.error),
    timing: view(({ timing }) => timing),
  }
  const verbs = {
    start: stream.start,
    stop: () => stream.stop(),
    disconnect: () => stream.disconnect(),
    resume: () => Promise.resolve(null),
    retry: () => stream.retry(),
    reset: () => stream.reset(),
  }
  // The schema's validation gives `object` its type.
  return { ...shownRefs, ...verbs } as UseStreamReturn<TObject, TProtocol>
}

/** In a component once it is mounted, so that the first render equals the server's; elsewhere at once, but in a browser only. */
function whenMounted(begin: () => void): void {
  if (getCurrentInstance()) onMounted(begin)
  else if (typeof document !== 'undefined') begin()
}
