import { contestants } from './contestants.mjs'
import './page.mjs' // after Vue, which would look for more of a page
import { chunksOf, fetchOf, piecesOf, wordsOf } from './wire.mjs'

/**
 * One contestant beside the limit, in one process and in turns, so that whatever else the machine does meets both. Prints of
 * each turn the nanoseconds per delta and the ratio. Time is the main thread's own; of a contestant that waits for timers, the
 * time that passes.
 */
const { name, against = 'limit', deltas, chunkBytes, history = 0, pieces, turns, atLeast = 1 } = JSON.parse(process.argv[2])
const words = pieces ? piecesOf(deltas) : wordsOf(deltas)
const expected = words.join('')
/** Answers in one turn: enough deltas for a coarse clock, and for each to clear away its own garbage within its own turn. */
const answers = Math.ceil(atLeast / deltas)

/** Milliseconds per answer. */
async function turn({ run, dialect, slow }) {
  const chunks = chunksOf(dialect, words, chunkBytes)
  globalThis.gc()
  const began = clock(slow)
  for (let answer = 0; answer < answers; answer++) {
    const shown = await run({ fetch: fetchOf(chunks), history })
    if (shown !== expected) throw new Error(`${name} shows ${shown.length} characters instead of ${expected.length}.`)
  }
  return (clock(slow) - began) / answers
}

function clock(slow) {
  if (slow) return performance.now()
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const [own, other] = [contestants[name], contestants[against]]
const times = []
for (let round = 0; round < turns; round++) {
  const [mine, theirs] = round % 2 ? [await turn(own), await turn(other)] : [await turn(other), await turn(own)].reverse()
  times.push({ ns: mine / deltas * 1e6, ratio: mine / theirs })
}
console.log(JSON.stringify(times.slice(turns > 1 ? 1 : 0))) // the first turn warms up
process.exit()
