import { bodies } from '../contracts/threats/bodies'
import { describeThreats } from '../contracts/threats/describe-threats'
import { listed, listedOrigins, origins } from '../contracts/threats/origins'
import { paths } from '../contracts/threats/paths'
import { startBuilt } from '../support/relay-under-test'

describeThreats('a body that asks for more than it may', startBuilt, {}, bodies)
describeThreats('a path or method that is not ours', startBuilt, {}, paths)
describeThreats('a page of another origin', startBuilt, {}, origins)
describeThreats('a page of a listed origin', startBuilt, { origins: [listed] }, listedOrigins)
