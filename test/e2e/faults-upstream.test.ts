import { describeFaults } from '../contracts/faults/describe-faults'
import { endings } from '../contracts/faults/endings'
import { errors } from '../contracts/faults/errors'
import { heads, retries, waits } from '../contracts/faults/heads'
import { silences, silenceTimeouts } from '../contracts/faults/silence'
import { sizeLimits, sizes } from '../contracts/faults/sizes'
import { sockets } from '../contracts/faults/sockets'
import { startBuilt } from '../support/relay-under-test'

/** One attempt, so that a failure is seen as it is. */
const once = { upstream: { retries: 0 } }

describeFaults('an answer that ends', startBuilt, once, endings)
describeFaults('an answer that is something else', startBuilt, once, heads)
describeFaults('an error within the stream', startBuilt, once, errors)
describeFaults('an answer that is too large', startBuilt, { ...once, limits: sizeLimits }, sizes)
describeFaults('an upstream that goes silent', startBuilt, { ...once, timeouts: silenceTimeouts, heartbeat: 50 }, silences)
describeFaults('a failure that passes', startBuilt, {}, { ...waits, ...retries })
describeFaults('a connection that is kept', startBuilt, {}, sockets)
