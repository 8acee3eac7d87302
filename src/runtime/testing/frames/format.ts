import { formatFrame } from '../../shared/sse'
import type { ResolvedError, ResolvedScript } from '../script'

/** How one protocol says a script. */
export interface ScriptFormat {
  /** The frames of a streamed answer in order, each as it goes over the wire. */
  frames: (script: ResolvedScript) => Iterable<string>
  /** The same answer with `stream: false`. */
  json: (script: ResolvedScript) => JsonObject
  /** Body of an answer with an error status. */
  error: (error: ResolvedError) => JsonObject
}

export type JsonObject = Record<string, unknown>

/** A frame without a name, as Chat Completions has them. */
export function dataFrame(value: JsonObject): string {
  return formatFrame({ data: JSON.stringify(value) })
}

/** A frame whose name repeats the `type` of its JSON, as the Responses API and Anthropic have them. */
export function typedFrame(type: string, fields: JsonObject = {}): string {
  return formatFrame({ event: type, data: JSON.stringify({ type, ...fields }) })
}
