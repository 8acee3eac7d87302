import { createFakeUpstream } from '../../src/runtime/testing'
import { startServer } from '../setup/server'
import type { Yard } from './fresh-app'
import type { Row } from './rows'
import { expectEventsOneByOne, expectLeavingToEndTheCall, expectPageToStream } from './stream-through'

/** Without what tells a program that it is under test: servers behave otherwise then, or do not say where they listen. */
const OUTSIDE = { TEST: undefined, VITEST: undefined, NODE_ENV: 'production' }

/** Installs, builds and starts the app of a row, and streams through it. */
export async function tryRow(yard: Yard, row: Row): Promise<void> {
  const upstream = createFakeUpstream()
  const { url } = await upstream.listen()
  try {
    const app = await yard.build(row)
    const server = await startServer({
      app, entry: row.entry, node: await yard.node(row.node),
      env: { ...OUTSIDE, UPSTREAM_URL: url, NUXT_LLM_STREAM_UPSTREAMS_DEFAULT_BASE_URL: url },
    })
    try {
      await expectEventsOneByOne(server.url, upstream)
      await expectLeavingToEndTheCall(server.url, upstream)
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
