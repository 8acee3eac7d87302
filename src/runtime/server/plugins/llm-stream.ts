import { checkConfiguration } from '../utils/relay'

/** ADAPTER, Nitro 2: runs once when the server starts. */
export default checkConfiguration
