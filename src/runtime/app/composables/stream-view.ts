import { computed, getCurrentScope, onScopeDispose } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import { useLlmStream } from '../llm-stream'
import type { RunMemory } from '../run/memory'
import type { Snapshot } from '../run/snapshot'
import { toStatus } from '../run/snapshot'
import { openStream } from './shown'
import type { UseStreamOptions } from './stream-options'
import type { ReadonlyRef, UseStreamReturn } from './stream-return'

/** The refs and verbs of a stream that begins nothing by itself, and the run that it remembers from before a reload. */
export function useStreamView<TObject, TProtocol extends ProtocolName>(
  options: UseStreamOptions<TObject, TProtocol>,
): { view: UseStreamReturn<TObject, TProtocol>, memory: RunMemory | undefined } {
  const context = useLlmStream()
  // What a stream does does not depend on the types of its object and its body.
  const { stream, snapshot, memory, leave } = openStream(options as UseStreamOptions<unknown, ProtocolName>, context)
  if (getCurrentScope()) onScopeDispose(leave)

  const show = <T>(read: (snapshot: Snapshot) => T): ReadonlyRef<T> => computed(() => read(snapshot.value))
  const shownRefs = {
    text: show(({ result }) => result.text),
    reasoning: show(({ result }) => result.reasoning),
    refusal: show(({ result }) => result.refusal),
    parts: show(({ result }) => result.choices[0]!.parts), // there is always a first choice
    toolCalls: show(({ result }) => result.toolCalls),
    choices: show(({ result }) => result.choices),
    object: show(({ object }) => object),
    usage: show(({ result }) => result.usage),
    finishReason: show(({ result }) => result.finishReason),
    model: show(({ result }) => result.model),
    responseId: show(({ result }) => result.responseId),
    runId: show(({ runId }) => runId),
    status: show(({ phase }) => toStatus(phase)),
    outcome: show(({ result }) => result.outcome),
    error: show(({ result }) => result.error),
    timing: show(({ timing }) => timing),
  }
  const verbs = {
    start: stream.start,
    stop: () => stream.stop(),
    disconnect: () => stream.disconnect(),
    resume: (id?: string) => stream.resume(id),
    retry: () => stream.retry(),
    reset: () => stream.reset(),
  }
  // The schema's validation gives `object` its type.
  return { view: { ...shownRefs, ...verbs } as UseStreamReturn<TObject, TProtocol>, memory }
}
