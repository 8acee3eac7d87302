import { getCurrentInstance, shallowRef, toValue } from 'vue'
import type { ShallowRef } from 'vue'
import type { ProtocolName } from '../../shared/wire'
import type { KeyedState } from '../keyed'
import type { LlmStream } from '../llm-stream'
import { createPage } from '../run/page'
import type { Snapshot } from '../run/snapshot'
import { emptySnapshot } from '../run/snapshot'
import type { Stream } from '../run/stream'
import { createStream } from '../run/stream'
import { resolvePlan } from './plan'
import type { UseStreamOptions } from './stream-options'

/** A stream and the one ref that it is shown by: what components of the same key share. */
export interface ShownStream extends KeyedState {
  stream: Stream
  snapshot: Readonly<ShallowRef<Snapshot>>
}

export function createShownStream(options: UseStreamOptions<unknown, ProtocolName>, context: LlmStream): ShownStream {
  const snapshot = shallowRef(emptySnapshot())
  const app = context.app ?? getCurrentInstance()?.appContext.app
  const stream = createStream({
    page: typeof document === 'undefined' ? undefined : createPage(),
    concurrency: () => toValue(options.concurrency) ?? 'replace',
    plan: input => resolvePlan(input, options, context),
    write: (value) => { snapshot.value = value },
    hooks: options,
    report(error) {
      const handler = app?.config.errorHandler
      if (handler) handler(error, null, 'useStream hook')
      else reportError(error)
    },
  })
  return { stream, snapshot, dispose: stream.dispose }
}
