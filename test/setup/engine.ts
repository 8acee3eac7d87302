import { loadEngine } from '../../src/runtime/app/run/load-engine'

// In an app it arrives while the page comes to life. Tests of components begin when it is there, so that `start()` posts at once.
await loadEngine({})
