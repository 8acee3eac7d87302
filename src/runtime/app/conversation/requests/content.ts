import type { FilePart } from '../../../shared/parts'
import type { ToolUIPart, UIPart } from '../ui-message'
import { isToolPart } from '../ui-message'

/** A call that has its answer. Only such calls are sent: a provider refuses a call that nobody answered. */
export type AnsweredCall = Extract<ToolUIPart, { state: `output-${string}` }>

/** The parts of an answer, cut where a model call began: what one call said belongs into one message of the request. */
export function splitSteps(parts: readonly UIPart[]): UIPart[][] {
  const steps: UIPart[][] = [[]]
  for (const part of parts) {
    if (part.type === 'step-start') steps.push([])
    else steps.at(-1)!.push(part)
  }
  return steps
}

/** Tells calls that the app has answered. What the upstream ran itself is none. */
export function isAnsweredCall(part: UIPart): part is AnsweredCall {
  return isToolPart(part) && !part.providerExecuted && part.state.startsWith('output-')
}

/** What the model hears as the answer to a call. */
export function answerText(call: AnsweredCall): string {
  switch (call.state) {
    case 'output-available': return typeof call.output === 'string' ? call.output : JSON.stringify(call.output ?? null)
    case 'output-error': return `Error: ${call.errorText}`
    case 'output-denied': return `The user declined this call.${call.approval.reason ? ` ${call.approval.reason}` : ''}`
  }
}

/** Arguments as they go back: JSON always, also where the model's own were none, since templates of local models parse them. */
export function callArguments(call: AnsweredCall): string {
  return JSON.stringify(call.input ?? {})
}

/** Free text of a custom call; `undefined` for a function call. */
export function customInput(call: AnsweredCall): string | undefined {
  return call.callProviderMetadata?.llmStream?.custom ? String(call.input) : undefined
}

/** Whether a text part is a refusal. */
export function isRefusal(part: UIPart): boolean {
  return part.type === 'text' && part.providerMetadata?.llmStream?.refusal === true
}

/** A value that a provider sent along with a part and wants back. */
export function metadataText(part: { providerMetadata?: UIPartMetadata, callProviderMetadata?: UIPartMetadata }, provider: string, key: string): string | undefined {
  const value = (part.providerMetadata ?? part.callProviderMetadata)?.[provider]?.[key]
  return typeof value === 'string' ? value : undefined
}

type UIPartMetadata = Record<string, Readonly<Record<string, unknown>>>

/** The base64 text of a `data:` URL; `undefined` for a file that lies elsewhere. */
export function base64Data({ url }: FilePart): string | undefined {
  return /^data:[^,]*;base64,/.test(url) ? url.slice(url.indexOf(',') + 1) : undefined
}

/** The words of a text file; `undefined` for any other kind, and for a file that lies elsewhere. */
export function fileText(file: FilePart): string | undefined {
  const data = base64Data(file)
  if (data === undefined || !/^text\/|[/+](?:json|xml|yaml|x-yaml|javascript)$/.test(file.mediaType)) return
  return new TextDecoder().decode(Uint8Array.from(atob(data), character => character.charCodeAt(0)))
}
