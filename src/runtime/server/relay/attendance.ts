import type { Clock } from './clock'
import type { StreamLog } from './logs/log'

/**
 * Keeps telling a log that a viewer is there; the returned function says that it has left. `from` settles when the log is
 * there to be told.
 */
export type Attend = (id: string, from: Promise<unknown>) => () => void

/** `grace`: how long a run goes on after its last viewer, in milliseconds; `false`: nobody needs to know. */
export function createAttendance(log: () => Promise<StreamLog>, grace: number | false, clock: Clock): Attend {
  return (id, from) => {
    if (grace === false) return () => {}
    let timer: unknown
    let left = false
    const say = (): void => {
      log().then(log => log.touch(id, grace)).catch(() => {}) // a log out of reach is lost, which its producer hears itself
      if (!left) timer = clock.setTimeout(say, grace / 3)
    }
    from.then(say, () => {})
    return () => {
      if (left) return
      left = true
      clock.clearTimeout(timer)
      from.then(say, () => {})
    }
  }
}
