/**
 * A Redis client, by structure: ioredis fits. The relay takes no client of its own accord; `redis.url` loads the optional
 * peer `ioredis`, and an app may give its own client by the rule `redis`.
 */
export interface RedisClient {
  /** `[spec]` https://redis.io/docs/latest/commands/eval/ */
  eval: (script: string, numberOfKeys: number, ...keysAndArguments: (string | number)[]) => Promise<unknown>
  /** A second connection with the same settings, `options` over them. */
  duplicate: (options?: Record<string, unknown>) => RedisClient
  quit: () => Promise<unknown>
  disconnect: () => void
  on: (event: 'error', listener: (error: Error) => void) => unknown
  /** `ready` when commands are sent at once. */
  status: string
}
