import type { Connection } from '../../src/runtime/app/run/connection'
import { openRun } from '../../src/runtime/app/run/engine'
import type { StreamHooks } from '../../src/runtime/app/run/hooks'
import type { Engine } from '../../src/runtime/app/run/launch'
import type { RunMemory } from '../../src/runtime/app/run/memory'
import type { Plan } from '../../src/runtime/app/run/plan'
import { connectResumable, openAgain } from '../../src/runtime/app/run/resume'
import { createRun } from '../../src/runtime/app/run/run'
import type { Snapshot } from '../../src/runtime/app/run/snapshot'
import { createStream } from '../../src/runtime/app/run/stream'
import { createStructured } from '../../src/runtime/app/run/structured'
import { chat } from '../../src/runtime/shared/protocols/chat'
import type { Protocol } from '../../src/runtime/shared/protocols/protocol'
import type { ProtocolName } from '../../src/runtime/shared/wire'
import { createFakeNetwork } from './fake-network'
import { createFakePage } from './fake-page'
import { createLiveFetch } from './live-fetch'

interface TestStreamOptions extends Partial<Plan> {
  hooks?: StreamHooks
  protocol?: ProtocolName
  /** In place of a plain POST. */
  connection?: Connection
  /** In place of the decoder of Chat Completions, for a `connection`. */
  decoder?: Protocol | Promise<Protocol>
  load?: () => Promise<Engine>
  /** A relay to ask for real, in place of answers in the test's hands. */
  endpoint?: string
  memory?: RunMemory
}

/** A stream without Vue: its page, its answers and what it writes are in the test's hands. */
export function openTestStream({ hooks = {}, protocol = 'chat', connection, decoder = chat, load, endpoint, memory, ...given }: TestStreamOptions = {}) {
  const page = createFakePage()
  const network = createFakeNetwork()
  const { fetch, calls } = createLiveFetch()
  const written: Snapshot[] = []
  const reported: unknown[] = []
  const warnings: string[] = []
  const engine: Engine = {
    openRun: (plan, listener) => connection
      ? createRun({ ...plan, connection, protocol: decoder, page, listener })
      : openRun(plan, listener, { connectResumable: options => connectResumable({ ...options, network }), openAgain, createStructured }, page),
  }
  const stream = createStream({
    load: load ?? (() => engine),
    plan: input => ({
      concurrency: 'replace',
      request: { input, endpoint: endpoint ?? '/api/llm', protocol, fetch: endpoint ? globalThis.fetch : fetch },
      timeouts: { firstByte: 120_000, idle: 60_000, total: Infinity },
      retry: 0,
      resumable: false,
      publish: 'frame',
      ...given,
    }),
    write: snapshot => written.push(snapshot),
    hooks: () => hooks,
    memory,
    report: error => reported.push(error),
    warn: message => warnings.push(message),
  })
  return { stream, engine, page, network, calls, written, reported, warnings }
}

/** Lets everything happen that waits for no timer and no network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}
