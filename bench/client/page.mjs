/** As much of a browser's page as the contestants look for: it is visible, paints 60 frames a second, and takes turns. */
globalThis.document = {
  visibilityState: 'visible',
  addEventListener() {},
  removeEventListener() {},
}
globalThis.requestAnimationFrame = callback => setTimeout(callback, 16)
globalThis.cancelAnimationFrame = clearTimeout
globalThis.scheduler = { yield: () => new Promise(resolve => setImmediate(resolve)) }
