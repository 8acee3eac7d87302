import { computed, onScopeDispose, toValue, watch as onChange } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import { useLlmStream } from '../llm-stream'
import { toStatus } from '../run/snapshot'
import { whenLeft } from './left'
import { whenMounted } from './mounted'
import { openStream } from './shown'
import type { UseStreamOptions } from './stream-options'
import type { UseStreamReturn } from './stream-return'
import { untracked } from './untracked'
import { toViews } from './views'

/**
 * Streams an answer of a language model into refs.
 *
 * Nothing runs on the server, verbs never reject, and the run ends with the component (or scope) that uses it, and with
 * the page.
 *
 * @example
 * const { text, status, start, stop } = useStream()
 * const { outcome } = await start('Write a short poem')
 */
export function useStream<TObject = never, TProtocol extends ProtocolName = 'chat'>(
  options: UseStreamOptions<TObject, TProtocol> = {},
): UseStreamReturn<TObject, TProtocol> {
  const { immediate, watch, resume } = options
  const { shown: { stream, snapshot, memory, restart }, leave } = openStream(options, useLlmStream())
  const { dispose, id, ...verbs } = stream
  onScopeDispose(leave, true)
  whenMounted(async () => {
    whenLeft(() => id() ?? stream.stop())
    if (watch) onChange(watch, () => restart(verbs))
    const left = toValue(resume) ? memory?.read() : undefined
    const found = left && await verbs.resume()
    const { phase, runId } = snapshot.value
    // A component that shares its stream, or comes back to one, shows what is there already.
    if (immediate && !found && phase === 'ready' && runId === null) void verbs.start()
  })

  const { object, runId, timing } = toViews(() => snapshot.value)
  const shownRefs = {
    ...toViews(() => snapshot.value.result),
    parts: computed(() => snapshot.value.result.choices[0]!.parts), // there is always a first choice
    object,
    runId,
    status: computed(() => toStatus(snapshot.value.phase)),
    timing,
  }
  // The schema's validation gives `object` its type.
  return { ...shownRefs, ...untracked(verbs) } as UseStreamReturn<TObject, TProtocol>
}
