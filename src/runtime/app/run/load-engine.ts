import type { Extras } from './engine'
import type { Engine, Needs } from './launch'

/** Code, and no state: it is the same for every app, and on a server it is never loaded. */
const code: Partial<typeof import('./engine')> & Extras = {}

const engine: Engine = { openRun: (plan, listener) => code.openRun!(plan, listener, code) } // given away once it is loaded

/** The code that a run needs: at once when another has asked for it before. */
export function loadEngine({ resumable, comeBack, schema }: Needs): Engine | Promise<Engine> {
  const missing: Promise<object>[] = []
  if (!code.openRun) missing.push(import('./engine'))
  if ((resumable || comeBack) && !code.connectResumable) missing.push(import('./resume'))
  if (schema && !code.createStructured) missing.push(import('./structured'))
  return missing.length === 0 ? engine : Promise.all(missing).then(modules => (Object.assign(code, ...modules), engine))
}
