import { runApp } from '../../lib/built.mjs'
import { serveOwn, upstreamUrl } from '../../lib/serve.mjs'

/** The built Nuxt server, every guard on, its options as they are by default but for limits that are out of reach. */
serveOwn(await runApp(upstreamUrl, { NUXT_LLM_STREAM_RESUME: 'false' }))
