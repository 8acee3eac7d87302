/** As much of a browser's page as the contestants look for: it is visible, paints 60 frames a second, and takes turns. */
const nothingHappens = { addEventListener() {}, removeEventListener() {} }
Object.assign(globalThis, nothingHappens, { document: { visibilityState: 'visible', ...nothingHappens } })
globalThis.requestAnimationFrame = callback => setTimeout(callback, 16)
globalThis.cancelAnimationFrame = clearTimeout
globalThis.scheduler = { yield: () => new Promise(resolve => setImmediate(resolve)) }
