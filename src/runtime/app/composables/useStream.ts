import { toValue, watch as onChange } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import { whenMounted } from './mounted'
import type { UseStreamOptions } from './stream-options'
import type { UseStreamReturn } from './stream-return'
import { useStreamView } from './stream-view'

/**
 * Streams an answer of a language model into refs.
 *
 * Nothing runs on the server, verbs never reject, and the run ends with the component (or scope) that uses it.
 *
 * @example
 * const { text, status, start, stop } = useStream()
 * const { outcome } = await start('Write a short poem')
 */
export function useStream<TObject = never, TProtocol extends ProtocolName = 'chat'>(
  options: UseStreamOptions<TObject, TProtocol> = {},
): UseStreamReturn<TObject, TProtocol> {
  const { immediate = false, watch, resume } = options
  const { view, memory } = useStreamView(options)
  whenMounted(async () => {
    if (watch) onChange(watch, () => view.start())
    const left = toValue(resume) ? memory?.read() : undefined
    const found = left && await view.resume()
    if (immediate && !found) void view.start()
  })
  return view
}
