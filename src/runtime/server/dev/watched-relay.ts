import type { Relay, RelayParts } from '../relay/relay'
import { createRelayCore } from '../relay/relay'
import { createRecorder } from './recorder'
import { createRedactor } from './redact'
import { openRunList } from './runs'
import { tap } from './tap'

export interface WatchOptions {
  /** Folder of recordings; empty: none are made. */
  record: string
}

/** The relay of a development server: the same, and what passes between it and its upstreams is kept for the developer. */
export function createWatchedRelay(parts: RelayParts, { record }: WatchOptions): Relay {
  const redact = createRedactor(parts.options)
  const recorder = record ? createRecorder({ folder: record, redact, logger: parts.logger }) : undefined
  const runs = openRunList(redact)
  const relay = createRelayCore({
    ...parts,
    transport: tap(parts.transport, parts.options, recorder ? [runs, recorder] : [runs]),
    rules: runs.listenIn(parts.rules),
  })
  const handle: Relay['handle'] = (exchange, route) => runs.watch(exchange, watched => relay.handle(watched, route))
  return {
    handle,
    answer: (exchange, onEnd, route) => void handle(exchange, route).then(onEnd),
    async close(grace) {
      await relay.close(grace)
      await recorder?.written()
    },
  }
}
