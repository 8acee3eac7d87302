import type { Clock } from './clock'
import type { Sink } from './sink'

export interface PatientSinkOptions {
  client: Sink
  /** Number of the last frame that was handed over. */
  position: () => number
  /** There is no log to catch up from: the client's pace is the run's, as for a plain run. */
  plain: () => boolean
  /** Serves the client from the log, from behind a frame; settles when it has ended. */
  follow: (after: number) => Promise<void>
  /** How long a client may take nothing, in milliseconds, before it is cut off. */
  patience: number
  clock: Clock
}

export interface PatientSink extends Sink {
  /** Settles when the client has everything, or is gone. */
  served: () => Promise<void>
}

/** What is kept for a client that is behind; with more it reads on from the log. */
const HELD_BYTES = 256 * 1024

/** The first viewer of a resumable run: however slow, it does not hold the run back. */
export function createPatientSink({ client, position, plain, follow, patience, clock }: PatientSinkOptions): PatientSink {
  /** Set while the client is behind: what it has not been given, and the frame before that. */
  let held: { bytes: Uint8Array[], length: number, after: number } | undefined
  let room = Promise.resolve()
  let following: Promise<void> | undefined
  let ended = false

  return {
    head: (status, headers) => client.head(status, headers),
    write(bytes) {
      if (following) return true
      if (held) hold(held, bytes)
      else if (!client.write(bytes)) fallBehind()
      return !held || !plain()
    },
    drained: () => plain() ? room : Promise.resolve(),
    end() {
      ended = true
      if (!held && !following) client.end()
    },
    destroy: () => client.destroy(),
    async served() {
      await room
      await following
      await drainedInTime(client, patience, clock)
    },
  }

  function fallBehind(): void {
    held = { bytes: [], length: 0, after: position() }
    room = drainedInTime(client, patience, clock).then(catchUp)
  }

  function hold(behind: NonNullable<typeof held>, bytes: Uint8Array): void {
    behind.bytes.push(bytes)
    behind.length += bytes.length
    if (behind.length <= HELD_BYTES || plain()) return
    held = undefined
    following = room.then(() => follow(behind.after))
  }

  function catchUp(): void {
    if (!held) return
    const { bytes } = held
    held = undefined
    let full = false
    for (const piece of bytes) full = !client.write(piece) || full
    if (ended) client.end()
    else if (full) fallBehind()
  }
}

/** Waits until a client has taken what it was given; cuts it off when that takes longer than the patience, in milliseconds. */
async function drainedInTime(client: Sink, patience: number, clock: Clock): Promise<void> {
  const timer = clock.setTimeout(() => client.destroy(), patience)
  await client.drained()
  clock.clearTimeout(timer)
}
