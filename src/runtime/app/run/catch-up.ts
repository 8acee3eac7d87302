import type { StreamResult } from '../../shared/result'
import type { ComeBack } from './plan'
import type { Snapshot } from './snapshot'

/** Keeps on the page what was shown of a run when it was left, until the run, read again from its start, has more. */
export interface CatchUp {
  /** What to write of what the run shows; `undefined`: nothing yet. */
  write: (snapshot: Snapshot) => Snapshot | undefined
  /** Whether an event was not told before. Called for each. */
  isNew: () => boolean
  /** How the run ended, with what is shown. */
  result: (result: StreamResult) => StreamResult
}

export function createCatchUp(comeBack: ComeBack | undefined): CatchUp {
  const shown = comeBack?.shown
  let behind = shown !== undefined
  let events = 0

  const merge = ({ outcome, error }: StreamResult): StreamResult => ({ ...shown!.result, outcome, error }) // only while behind it

  return {
    write(snapshot) {
      behind &&= snapshot.timing.events <= shown!.timing.events
      if (!behind) return snapshot
      if (snapshot.phase === 'submitted' || snapshot.phase === 'streaming') return
      return { ...shown!, phase: snapshot.phase, result: merge(snapshot.result) }
    },
    isNew: () => shown === undefined || ++events > shown.timing.events,
    result: result => behind ? merge(result) : result,
  }
}
