import { connectOnce } from '../../src/runtime/app/run/connection'
import type { StreamHooks } from '../../src/runtime/app/run/hooks'
import { buildRequest } from '../../src/runtime/app/run/request'
import type { Snapshot } from '../../src/runtime/app/run/snapshot'
import type { StreamPlan } from '../../src/runtime/app/run/stream'
import { createStream } from '../../src/runtime/app/run/stream'
import { chat } from '../../src/runtime/shared/protocols/chat'
import { createFakePage } from './fake-page'
import { createLiveFetch } from './live-fetch'

/** A stream without Vue: its page, its answers and what it writes are in the test's hands. */
export function openTestStream(overrides: Partial<Exclude<StreamPlan, { error: unknown }>> & { hooks?: StreamHooks } = {}) {
  const { hooks = {}, ...plan } = overrides
  const page = createFakePage()
  const { fetch, calls } = createLiveFetch()
  const written: Snapshot[] = []
  const reported: unknown[] = []
  const warnings: string[] = []
  const stream = createStream({
    page,
    plan: (input) => {
      const request = buildRequest(input, { endpoint: '/api/llm', protocol: 'chat', fetch })
      return {
        concurrency: 'replace',
        connect: () => connectOnce(request),
        protocol: chat,
        timeouts: { firstByte: 120_000, idle: 60_000, total: Infinity },
        retry: 0,
        publish: 'frame',
        ...plan,
      }
    },
    write: snapshot => written.push(snapshot),
    hooks,
    report: error => reported.push(error),
    warn: message => warnings.push(message),
  })
  return { stream, page, calls, written, reported, warnings }
}

/** Lets everything happen that waits for no timer and no network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
}
