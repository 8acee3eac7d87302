import type { Engine } from './launch'

/** Code, and no state: it is the same for every app, and on a server it is never loaded. */
let engine: Engine | undefined

/** The code that runs need: at once when some stream has asked for it before. */
export function loadEngine(): Engine | Promise<Engine> {
  return engine ?? import('./engine').then(loaded => engine = loaded)
}
