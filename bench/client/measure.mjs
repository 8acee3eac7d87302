import { contestants } from './contestants.mjs'
import './page.mjs' // after Vue, which would look for more of a page
import { chunksOf, fetchOf, wordsOf } from './wire.mjs'

/**
 * One contestant, one scenario, one process: prints nanoseconds per delta, of the fastest round. It is the main thread's own
 * time, which other work on the machine stretches least; of one that waits for timers, the time that passes.
 */
const { name, deltas, chunkBytes, history = 0, rounds } = JSON.parse(process.argv[2])
const { run, dialect, slow } = contestants[name]

const words = wordsOf(deltas)
const chunks = chunksOf(dialect, words, chunkBytes)
const expected = words.join('')

async function once(all, text) {
  const began = clock()
  const shown = await run({ fetch: fetchOf(all), history })
  const ms = clock() - began
  if (shown !== text) throw new Error(`${name} shows ${shown.length} characters instead of ${text.length}.`)
  return ms
}

function clock() {
  if (slow) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const warm = wordsOf(Math.min(deltas, 5000))
for (let round = 0; round < (rounds > 1 ? 3 : 0); round++) await once(chunksOf(dialect, warm, chunkBytes), warm.join(''))
const times = []
for (let round = 0; round < rounds; round++) {
  globalThis.gc?.()
  times.push(await once(chunks, expected))
}
console.log(JSON.stringify(Math.min(...times) / deltas * 1e6))
process.exit()
