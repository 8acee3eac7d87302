import { monitorEventLoopDelay } from 'node:perf_hooks'

/** A process that does nothing: how late its event loop is, is the machine's doing. */
const resolution = 10
const delays = monitorEventLoopDelay({ resolution })
delays.enable()
setInterval(() => {}, 1000)
process.on('disconnect', () => process.exit())
process.on('message', () => {
  process.send({ delayP99: Math.max(0, delays.percentile(99) / 1e6 - resolution) })
  delays.reset()
})
