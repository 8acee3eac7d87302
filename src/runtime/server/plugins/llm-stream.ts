import type { NitroApp } from 'nitropack'
import { delayAfterResponse } from '../utils/after-response'
import { checkConfiguration } from '../utils/relay'

/** ADAPTER, Nitro 2: runs once when the server starts. */
export default function setUp({ h3App }: NitroApp): void {
  checkConfiguration()
  delayAfterResponse(h3App)
}
