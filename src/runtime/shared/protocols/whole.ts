import { StreamError } from '../errors'
import { DONE } from '../wire'
import type { ProtocolName } from '../wire'
import { isObject } from './json'
import { protocolOf } from './mismatch'
import type { Decoder } from './decoder'

/** Reads an answer that is one JSON value (`stream: false`). A text that is not JSON is one that broke off: `end` will say so. */
export function readWhole(text: string, protocol: ProtocolName, decoder: Decoder): void {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  }
  catch {
    return
  }
  // [wire] Gemini's compatible endpoint wraps an error in an array.
  if (Array.isArray(answer)) answer = answer[0]
  decoder.whole(answer ?? null)
  if (!isObject(answer) || !protocolOf(answer)) decoder.end(unknownAnswer(protocol))
  // [wire] Chat Completions: what came whole needs no finish reason to prove it.
  if (protocol === 'chat') decoder.message({ data: DONE })
}

function unknownAnswer(protocol: ProtocolName): StreamError {
  return new StreamError({
    code: 'protocol_mismatch',
    message: `Expected an answer of protocol '${protocol}', but the JSON that arrived is of none that is known.`,
    status: 502,
  })
}
