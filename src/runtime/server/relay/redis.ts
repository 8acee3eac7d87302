import { Misuse } from './misuse'

/**
 * A Redis client, by structure: ioredis 5 and 6 fit, its Cluster too. The relay takes no client of its own accord;
 * `redis.url` loads the optional peer `ioredis`, and an app may give its own client by the rule `redis`.
 */
export interface RedisClient {
  // [spec] https://redis.io/docs/latest/commands/eval/
  /** Runs a script, in one step for everybody else. */
  eval: (script: string, numberOfKeys: number, ...keysAndArguments: (string | number | Buffer)[]) => Promise<unknown>
  /** Any command. Bytes must be a `Buffer`. */
  call: (command: string, ...parameters: (string | number | Buffer)[]) => Promise<unknown>
  /** The same, with a `Buffer` for each string in the reply. */
  callBuffer: (command: string, ...parameters: (string | number | Buffer)[]) => Promise<unknown>
  subscribe: (channel: string) => Promise<unknown>
  /** A second connection with the same settings, `options` over them; a cluster's takes nodes before its options. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the two forms share no parameter type
  duplicate: (...options: any[]) => RedisClient
  quit: () => Promise<unknown>
  /** With `true` it connects again at once. */
  disconnect: (reconnect?: boolean) => void
  on: {
    (event: 'error', listener: (error: Error) => void): unknown
    (event: 'ready', listener: () => void): unknown
    (event: 'message', listener: (channel: string, message: string) => void): unknown
  }
  /** `ready` when commands are sent at once. */
  readonly status: string
  readonly isCluster?: boolean
}

/** Where a relay's Redis comes from. */
export interface RedisSource {
  /** The rule's client; it stays the app's to close. */
  redis?: () => RedisClient | Promise<RedisClient>
  /** Used when there is no rule. */
  url: string | undefined
}

/**
 * Gives the client, the same one each time, or `undefined` where none is configured. It is only a pattern: whoever needs a
 * connection makes one of its own from it, so that nobody waits behind somebody else's blocking command.
 */
export function createRedisSource({ redis, url }: RedisSource): () => Promise<RedisClient | undefined> {
  let client: Promise<RedisClient | undefined> | undefined
  return () => client ??= find().catch((error) => {
    client = undefined // it may be there when somebody asks again
    throw error
  })

  async function find(): Promise<RedisClient | undefined> {
    if (redis) return redis()
    if (!url) return
    const { Redis } = await import('ioredis').catch((cause) => {
      throw new Misuse('`redis.url` needs the package `ioredis`: install it, or give a client by the rule `redis`.', { cause })
    })
    return new Redis(url, { lazyConnect: true })
  }
}
