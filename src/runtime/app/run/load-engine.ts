import type { Engine } from './launch'

/** Code, and no state: it is the same for every app, and on a server it is never loaded. */
let engine: Engine | undefined
let resumingEngine: Engine | undefined

/** The code that runs need: at once when some stream has asked for it before. `resume`: runs that can be come back to. */
export function loadEngine(resume: boolean): Engine | Promise<Engine> {
  if (!resume) return engine ?? import('./engine').then(loaded => engine = loaded)
  return resumingEngine ?? Promise.all([import('./engine'), import('./resume')]).then(([{ openRun }, { connectResumable }]) =>
    resumingEngine = { openRun: (plan, listener) => openRun(plan, listener, connectResumable) })
}
