import type { RedisClient } from '../redis'
import { pause } from './later'

/** Longest wait for a reply, in milliseconds. */
export const COMMAND_TIMEOUT = 500

/** Looks for a new connection: two seconds of them, with pauses in milliseconds. */
const LOOKS = 400
const LOOK_PAUSE = 5

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
  // After a failover the name may stand for another server, while the connection is still to the one that may no longer write.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
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
  connection.on('error', error => troubles.set(connection, error))
  connection.on('ready', () => troubles.delete(connection))
  return connection
}

/** What each connection last failed with, until it is there again. */
const troubles = new WeakMap<RedisClient, Error>()

/** Why a command failed: where there is no connection, that is what stands in its way. */
export function findCause(connection: RedisClient, error: unknown): unknown {
  return troubles.get(connection) ?? error
}

/**
 * Waits, not for long, for a connection that has just been opened; one that is lost is not waited for. Looks are counted, not time:
 * a process that is held up has not given the connection its chance.
 */
export async function ready(connection: RedisClient): Promise<void> {
  for (let looks = 0; connection.status.startsWith('connect') && looks < LOOKS; looks++) await pause(LOOK_PAUSE)
}
