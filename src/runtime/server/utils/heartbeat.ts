/** Browsers wait at least so long for a next byte, and at least for three heartbeats. */
const PATIENCE = 60_000

/**
 * Why browsers would give up on answers that are only slow: they learn the heartbeat when the app is built, or from the public
 * variable, and the relay learns it from the private one.
 */
export function findHeartbeatProblem(relay: number | false, browser: number | false): string | undefined {
  if (browser === false) return
  const patience = Math.max(PATIENCE, 3 * browser)
  if (relay !== false && 3 * relay <= patience) return
  return `Browsers take a connection for dead after ${patience / 1000} s of silence, but the relay's heartbeat is ${relay === false ? 'off' : `${relay / 1000} s`}: `
    + 'set NUXT_PUBLIC_LLM_STREAM_HEARTBEAT to the same as NUXT_LLM_STREAM_HEARTBEAT.'
}
