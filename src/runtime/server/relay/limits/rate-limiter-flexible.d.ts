/**
 * The two files that are used of `rate-limiter-flexible`. Its index would bring `cluster` and `crypto`, which edge runtimes lack,
 * and four times the bytes; but only the index has types.
 */
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  export default class RateLimiterMemory {
    constructor(options: { points: number, duration: number })
    consume(key: string): Promise<{ consumedPoints: number, msBeforeNext: number }>
  }
}

declare module 'rate-limiter-flexible/lib/RateLimiterRedis.js' {
  export default class RateLimiterRedis {
    constructor(options: { storeClient: unknown, keyPrefix: string, points: number, duration: number })
    consume(key: string): Promise<{ consumedPoints: number, msBeforeNext: number }>
  }
}
