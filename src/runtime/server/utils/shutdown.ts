import { useNitroApp } from 'nitropack/runtime'
import type { Relay } from '../relay/relay'

/** Nitro's own default, in milliseconds. */
const SHUTDOWN_TIMEOUT = 30_000

/**
 * Ends the relay with its server: runs may go on for two thirds of the time that Nitro gives (20 s of 30), and are told to come
 * back in the rest of it.
 *
 * Nitro's `close` hook alone would be too late on a Node server: it is called when the last connection is gone, or was cut.
 */
export function closeWithServer(relay: Relay): void {
  const { env = {} } = globalThis.process ?? {} // no process on some edge platforms
  const grace = (Number(env.NITRO_SHUTDOWN_TIMEOUT) || SHUTDOWN_TIMEOUT) * 2 / 3
  let closed: Promise<void> | undefined
  const close = () => closed ??= relay.close(grace)

  useNitroApp().hooks.hook('close', close)
  for (const signal of (env.NITRO_SHUTDOWN_SIGNALS || 'SIGTERM SIGINT').split(' ')) {
    // Only where somebody listens: the first listener takes away what a signal does by itself.
    if (globalThis.process?.listenerCount?.(signal)) process.once(signal, close)
  }
}
