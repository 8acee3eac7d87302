import { chat } from '../../../src/runtime/shared/protocols/chat'
import { describeProtocol } from '../../contracts/describe-protocol'

describeProtocol(chat)
