/** Least time between two announcements: a screen reader needs to get a word in. */
const INTERVAL_MS = 1500

/**
 * What a live region may say of text that is growing: whole sentences only, a few at a time, and the rest at the end.
 * Announcing every change would drown the listener.
 */
export function usePoliteText(text: () => string, growing: () => boolean) {
  const announcement = ref('')
  let said = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function say(rest: boolean) {
    const pending = text().slice(said)
    const length = rest ? pending.length : endOfLastSentence(pending)
    if (length > 0) announcement.value = pending.slice(0, length).trim()
    said += length
  }

  watch(text, (now, before) => {
    if (now.length < before.length) said = 0
    timer ??= setTimeout(() => {
      timer = undefined
      if (growing()) say(false)
    }, INTERVAL_MS)
  })
  watch(growing, () => say(true))
  onScopeDispose(() => clearTimeout(timer))
  return announcement
}

function endOfLastSentence(text: string): number {
  let end = 0
  for (const { index, 0: { length } } of text.matchAll(/[.!?](?=\s)|[。！？\n]/g)) end = index + length
  return end
}
