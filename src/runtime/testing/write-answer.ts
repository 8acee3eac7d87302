import type { ProtocolName } from '../shared/wire'
import { isAnswer } from './answer'
import type { Answer, BodyStep, HttpAnswer, Reply } from './answer'
import type { RecordedCall } from './call'
import { chatFormat } from './frames/chat'
import type { JsonObject, ScriptFormat } from './frames/format'
import { messagesFormat } from './frames/messages'
import { responsesFormat } from './frames/responses'
import { resolveError, resolveScript } from './script'
import type { Script } from './script'

const formats: Record<ProtocolName, ScriptFormat> = { chat: chatFormat, responses: responsesFormat, messages: messagesFormat }

/** Writes what `respond` gave in the protocol of the call, streamed or not as the call asks. */
export function writeAnswer(reply: Reply, call: RecordedCall): Answer {
  const script = typeof reply === 'string' ? { text: reply } : reply
  if (isAnswer(script)) return script
  const faults = typeof script.fault === 'function' ? [script.fault] : script.fault ?? []
  return faults.reduce((answer, fault) => fault(answer), writeScript(script, call))
}

/** The frames that a script is streamed in, each as it goes over the wire. */
export function toFrames(script: Script, { protocol }: { protocol: ProtocolName }): string[] {
  return [...formats[protocol].frames(resolveScript(script, { index: 0, requestLength: 0 }))]
}

function writeScript(script: Script, { protocol, stream, body, index, text }: RecordedCall): HttpAnswer {
  const { status = 200, headers, delay = 0 } = script
  const format = formats[protocol ?? 'chat']
  if (status !== 200) {
    return json(format.error(resolveError(script.error ?? {}, status)), { status, headers })
  }
  if (!protocol) {
    const message = 'The fake upstream answers a script on POST …/chat/completions, …/responses and …/messages only. '
      + 'Let respond() give an answer with a body for other paths.'
    return json(format.error(resolveError({ message }, 404)), { status: 404 })
  }
  const model = typeof body === 'object' && body !== null && 'model' in body ? String(body.model) : undefined
  const resolved = resolveScript(script, { index, model, requestLength: text.length })
  if (stream) {
    return {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', ...headers },
      body: delay > 0 ? pace(format.frames(resolved), delay) : format.frames(resolved),
    }
  }
  return resolved.error
    ? json(format.error(resolved.error), { status: resolved.error.status, headers })
    : json(format.json(resolved), { headers })
}

function json(value: JsonObject, { status = 200, headers }: Pick<HttpAnswer, 'status' | 'headers'>): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) }
}

function* pace(frames: Iterable<string>, ms: number): Generator<BodyStep> {
  let first = true
  for (const frame of frames) {
    if (!first) yield { do: 'wait', ms }
    first = false
    yield frame
  }
}
