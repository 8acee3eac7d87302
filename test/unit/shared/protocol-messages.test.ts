import { messages } from '../../../src/runtime/shared/protocols/messages'
import { describeProtocol } from '../../contracts/describe-protocol'

describeProtocol(messages)
