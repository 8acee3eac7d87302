import { describeFaults } from '../contracts/faults/describe-faults'
import { endings } from '../contracts/faults/endings'
import { errors } from '../contracts/faults/errors'
import { heads, retries, waits } from '../contracts/faults/heads'
import { silences, silenceTimeouts } from '../contracts/faults/silence'
import { sizeLimits, sizes } from '../contracts/faults/sizes'
import { startWeb } from '../support/relay-under-test'

const once = { upstream: { retries: 0 } }

describeFaults('an answer that ends', startWeb, once, endings)
describeFaults('an answer that is something else', startWeb, once, heads)
describeFaults('an error within the stream', startWeb, once, errors)
describeFaults('an answer that is too large', startWeb, { ...once, limits: sizeLimits }, sizes)
describeFaults('an upstream that goes silent', startWeb, { ...once, timeouts: silenceTimeouts, heartbeat: 50 }, silences)
describeFaults('a failure that passes', startWeb, {}, { ...waits, ...retries })
