import { responses } from '../../../src/runtime/shared/protocols/responses'
import { describeProtocol } from '../../contracts/describe-protocol'

describeProtocol(responses)
