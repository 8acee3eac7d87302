/** Good Chat Completions events, as small as they can be. */
export function event(text: string, choice = 0): string {
  return `data: {"choices":[{"index":${choice},"delta":{"content":${JSON.stringify(text)}},"finish_reason":null}]}\n\n`
}

export function finish(reason = 'stop', choice = 0): string {
  return `data: {"choices":[{"index":${choice},"delta":{},"finish_reason":"${reason}"}]}\n\n`
}

export const DONE = 'data: [DONE]\n\n'

/** Splits an answer into what came before the relay's error frame, and that frame's error. */
export function splitError(text: string): { before: string, error: Record<string, unknown> | undefined } {
  const [before = '', ...frames] = text.split(/^event: error\n/m)
  if (frames.length === 0) return { before, error: undefined }
  const [frame = ''] = frames
  if (frames.length > 1 || !/^data: [^\n]*\n\n$/.test(frame)) throw new Error(`not one error frame at the end: ${text}`)
  return { before, error: JSON.parse(frame.slice('data: '.length)).error }
}
