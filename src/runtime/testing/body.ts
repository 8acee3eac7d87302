import type { Body, BodyStep } from './answer'

/** The steps of a body, whichever way it was given. */
export function toSteps(body: Body): Iterable<BodyStep> | AsyncIterable<BodyStep> {
  return typeof body === 'string' ? [body] : body
}

export function isChunk(step: BodyStep): step is string | Uint8Array {
  return typeof step === 'string' || step instanceof Uint8Array
}

const encoder = new TextEncoder()

export function toBytes(chunk: string | Uint8Array): Uint8Array {
  return typeof chunk === 'string' ? encoder.encode(chunk) : chunk
}
