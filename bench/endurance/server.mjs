import { readdirSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { runApp } from '../lib/built.mjs'
import { collectAll } from '../lib/serve.mjs'

/** The child's side: the built server, and what it says of itself when asked. */
const [upstreamUrl, env] = process.argv.slice(2)
const resolution = 10
const delays = monitorEventLoopDelay({ resolution })
let unhandled = 0
process.on('unhandledRejection', () => unhandled++)
process.on('uncaughtException', () => unhandled++)
process.on('disconnect', () => process.exit())

const port = await runApp(upstreamUrl, JSON.parse(env))
process.send({ port })
delays.enable()

process.on('message', () => {
  // What was measured since the last question, before the collection below stops everything for a moment.
  const p99 = Math.max(0, delays.percentile(99) / 1e6 - resolution)
  collectAll()
  delays.reset()
  const { heapUsed, rss } = process.memoryUsage()
  process.send({ heapUsed, rss, delayP99: p99, unhandled, sockets: count('TCPSocketWrap'), timers: count('Timeout'), descriptors: readdirSync('/proc/self/fd').length })
})

function count(kind) {
  return process.getActiveResourcesInfo().filter(name => name === kind).length
}
