import type { StreamResult } from '../../shared/result'
import type { ComeBack } from './plan'
import type { Run, RunListener } from './run'

/**
 * Opens a run that was left, which is read again from its start. What was shown of it stays on the page until it has more,
 * and events that were told before are not told again.
 */
export function openAgain({ shown }: ComeBack, listener: RunListener, open: (listener: RunListener) => Run): Run {
  if (!shown) return open(listener)
  const { write, ended } = listener
  let behind = true
  let events = 0

  /** How the run ended, with what is shown. */
  function toShown(result: StreamResult): StreamResult {
    return behind ? { ...shown!.result, outcome: result.outcome, error: result.error } : result // it is known, as above
  }

  const run = open({
    ...listener,
    write(snapshot) {
      behind &&= snapshot.timing.events <= shown.timing.events
      const over = snapshot.phase !== 'submitted' && snapshot.phase !== 'streaming'
      if (!behind) write(snapshot)
      else if (over) write({ ...shown, phase: snapshot.phase, result: toShown(snapshot.result) })
    },
    event(event, call) {
      if (++events > shown.timing.events) listener.event?.(event, call)
    },
    ended: result => ended(toShown(result)),
  })
  return { ...run, result: run.result.then(toShown) }
}
