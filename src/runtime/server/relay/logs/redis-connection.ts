import type { RedisClient } from '../redis'
import { pause } from './later'

/** Longest wait for a reply, in milliseconds. */
const COMMAND_TIMEOUT = 500

/** What an app's client may have on and ours must not: ioredis loses the name of a `callBuffer` on the way into its pipeline. */
const PLAIN = { enableAutoPipelining: false }

/**
 * Settings of our connections: a command that cannot be sent or answered at once fails, and whoever sent it decides.
 * RESP2, because ioredis 6 else gives maps where version 5 gives lists.
 */
const QUICK = {
  ...PLAIN,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  commandTimeout: COMMAND_TIMEOUT,
  // A network that drops what it carries tells nobody: without this the connection stays dead, and what was sent is kept, until the
  // system gives it up after a quarter of an hour. Soon enough for a writer, which tries again for two seconds.
  socketTimeout: 3 * COMMAND_TIMEOUT,
  autoResendUnfulfilledCommands: false,
  lazyConnect: false,
  protocol: 2,
  retryStrategy: (attempt: number) => Math.min(attempt * 100, 2_000),
}

/** A connection of our own from the app's client. `commandTimeout` is for one whose replies take their time, `undefined` for one that has none. */
export function connect(client: RedisClient, options: { commandTimeout?: number } = {}): RedisClient {
  const settings = { ...QUICK, ...options, ...('commandTimeout' in options && { socketTimeout: options.commandTimeout }) }
  const connection = client.isCluster
    // A cluster connects to each node with the first command for it, which therefore has to wait. A replica may not have yet
    // what its master has.
    ? client.duplicate([], { ...PLAIN, scaleReads: 'master', enableOfflineQueue: false, lazyConnect: false, redisOptions: { ...settings, enableOfflineQueue: true } })
    : client.duplicate(settings)
  connection.on('error', () => {}) // every command that fails says so to whoever sent it
  return connection
}

/** Waits, not for long, for a connection that has just been opened; one that is lost is not waited for. */
export async function ready(connection: RedisClient): Promise<void> {
  const giveUpAt = performance.now() + COMMAND_TIMEOUT
  while (connection.status.startsWith('connect') && performance.now() < giveUpAt) await pause(5)
}
