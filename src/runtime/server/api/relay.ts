import { defineEventHandler } from 'h3'
import { handleRelay } from '../utils/relay'

/** Everything under the relay's route, whatever the method: 404 and 405 are the relay's to say. */
export default defineEventHandler(handleRelay)
