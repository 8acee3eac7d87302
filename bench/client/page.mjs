/** As much of a page as the contestants look for: it is visible, and paints 60 frames a second. */
globalThis.document = {
  visibilityState: 'visible',
  addEventListener() {},
  removeEventListener() {},
}
globalThis.requestAnimationFrame = callback => setTimeout(callback, 16)
globalThis.cancelAnimationFrame = clearTimeout
