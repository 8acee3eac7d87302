import { describeAnswers } from '../../contracts/wire-faults/answers'
import { describeEndings } from '../../contracts/wire-faults/endings'
import { describeSilences } from '../../contracts/wire-faults/silences'
import { describeSizes } from '../../contracts/wire-faults/sizes'
import { startNodeRelay } from '../../support/fault-relay'

describeEndings('Node\'s sockets', startNodeRelay)
describeSilences('Node\'s sockets', startNodeRelay)
describeAnswers('Node\'s sockets', startNodeRelay, { informational: ['100 Continue', '103 Early Hints'] })
describeSizes('Node\'s sockets', startNodeRelay)
