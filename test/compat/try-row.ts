import { join } from 'node:path'
import { createFakeUpstream } from '../../src/runtime/testing'
import { startServer } from '../setup/server'
import type { Yard } from './fresh-app'
import type { Row } from './rows'
import { expectErrorsBeforeTheHead, expectEventsOneByOne, expectLeavingToEndTheCall, expectPageToStream, expectToResume } from './stream-through'

/** Without what tells a program that it is under test: servers behave otherwise then, or do not say where they listen. */
const OUTSIDE = { TEST: undefined, VITEST: undefined, NODE_ENV: 'production' }

/** Where Nitro hands over a request without its signal, only the next heartbeat finds that its reader has left before the head. */
const HEARTBEAT = { NUXT_LLM_STREAM_HEARTBEAT: '1000' }

/** Installs, builds and starts the app of a row, and streams through it. */
export async function tryRow(yard: Yard, row: Row): Promise<void> {
  const upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  try {
    const app = await yard.build(row)
    const server = await startServer({
      app, entry: row.entry, ...await findRuntime(yard, row, app),
      env: { ...OUTSIDE, ...HEARTBEAT, UPSTREAM_URL: url, NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: url },
    })
    try {
      await expectEventsOneByOne(server.url, upstream)
      await expectLeavingToEndTheCall(server.url, upstream)
      await expectErrorsBeforeTheHead(server.url, upstream)
      await expectToResume(server.url, upstream)
      if (row.page) await expectPageToStream(server.url, upstream)
    }
    finally {
      await server.close()
    }
  }
  finally {
    await upstream.close()
  }
}

async function findRuntime(yard: Yard, { runtime, node }: Row, app: string) {
  if (!runtime) return { node: await yard.node(node) }
  const [program, ...flags] = runtime
  return { node: join(app, 'node_modules/.bin', program!), flags }
}
