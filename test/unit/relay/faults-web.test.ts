import { describeAnswers } from '../../contracts/wire-faults/answers'
import { describeEndings } from '../../contracts/wire-faults/endings'
import { describeSilences } from '../../contracts/wire-faults/silences'
import { describeSizes } from '../../contracts/wire-faults/sizes'
import { startWebRelay } from '../../support/fault-relay'

describeEndings('fetch', startWebRelay)
describeSilences('fetch', startWebRelay)
describeAnswers('fetch', startWebRelay)
// Node's fetch takes the end of what it can inflate for the end of the body.
describeSizes('fetch', startWebRelay, { brokenGzip: 'upstream_truncated' })
