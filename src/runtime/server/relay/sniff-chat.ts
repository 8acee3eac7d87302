import type { StreamError } from '../../shared/errors'
import type { Usage } from '../../shared/usage'
import type { Frame } from './frames'
import type { Sniffer, Verdict } from './sniff'
import { isFailureReason, outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import { ERROR_FRAME } from '../../shared/wire'
import { relayError } from './failures'
import { asciiBytes, hasName, matches, parseData, parseErrorField, valueByte } from './frame-data'
import { isDone } from './frames'
import { errorOfEvent, isObject, readUpstreamError } from './upstream-errors'

const QUOTE = 0x22
const NULL = 0x6E // `n`
const ERROR_NAME = asciiBytes(ERROR_FRAME)
const ERROR_KEY = asciiBytes('"error"')
const FINISH_KEY = asciiBytes('"finish_reason"')
const FUNCTION_KEY = asciiBytes('"function_call"')
const INDEX_KEY = asciiBytes('"index"')
const TOOLS_KEY = asciiBytes('"tool_calls"')
const USAGE_KEY = asciiBytes('"usage"')

/** Chat Completions: the end is `[DONE]`, the proof a finish reason for every choice. */
export function createChatSniffer(): Sniffer {
  /** Finish reason by choice; `null` until there is one. Choice 0 always exists. */
  const reasons = new Map<number, string | null>([[0, null]])
  let hasCalls = false
  let done = false
  let usage: Usage | null = null
  let error: StreamError | undefined

  return {
    look,
    get proven() { return done || [...reasons.values()].every(reason => reason !== null) },
    get outcome() { return outcomeOfReason(reasons.get(0) ?? null, hasCalls) },
    get usage() { return usage },
    get error() { return error },
  }

  function look(frame: Frame): Verdict {
    if (frame.errorField) return fail(parseErrorField(frame.errorField))
    if (frame.nameEnd > frame.nameStart && hasName(frame, ERROR_NAME)) return fail(parseData(frame))
    if (isDone(frame)) {
      done = true
      return 'terminal'
    }
    return matters(frame) ? read(parseData(frame)) : 'forward'
  }

  /** One pass over the data: an unescaped quote before one of these words begins a key or a whole string value. */
  function matters({ bytes, dataStart, end }: Frame): boolean {
    for (let index = dataStart; index < end; index++) {
      if (bytes[index] !== QUOTE) continue
      switch (bytes[index + 1]) {
        case 0x65: // e
          if (matches(ERROR_KEY, bytes, index) && valueByte(bytes, index + ERROR_KEY.length) !== NULL) return true
          break
        case 0x66: // f
          if (matches(FINISH_KEY, bytes, index) && valueByte(bytes, index + FINISH_KEY.length) === QUOTE) return true
          if (matches(FUNCTION_KEY, bytes, index) && valueByte(bytes, index + FUNCTION_KEY.length) !== NULL) hasCalls = true
          break
        case 0x69: // i: choices (and parallel calls) after the first
          if (matches(INDEX_KEY, bytes, index) && isAboveZero(valueByte(bytes, index + INDEX_KEY.length))) return true
          break
        case 0x74: // t
          if (matches(TOOLS_KEY, bytes, index) && valueByte(bytes, index + TOOLS_KEY.length) !== NULL) hasCalls = true
          break
        case 0x75: // u
          if (matches(USAGE_KEY, bytes, index) && valueByte(bytes, index + USAGE_KEY.length) !== NULL) return true
          break
      }
    }
    return false
  }

  function read(message: unknown): Verdict {
    if (!isObject(message)) return 'forward'
    const upstreamError = readUpstreamError(message)
    if (upstreamError) return fail(message)
    const groq = isObject(message.x_groq) ? message.x_groq : undefined
    const choices = Array.isArray(message.choices) ? message.choices.filter(isObject) : []
    usage = toUsage(message.usage) ?? toUsage(groq?.usage) ?? toUsage(choices[0]?.usage) ?? usage
    for (const choice of choices) {
      const index = typeof choice.index === 'number' ? choice.index : 0
      // [wire] Old Ollama sends an empty reason for none.
      const reason = typeof choice.finish_reason === 'string' && choice.finish_reason !== '' ? choice.finish_reason : null
      if (reason !== null && isFailureReason(reason)) return fail(undefined)
      reasons.set(index, reason ?? reasons.get(index) ?? null)
    }
    return 'forward'
  }

  function fail(value: unknown): Verdict {
    const upstreamError = readUpstreamError(value)
    error = upstreamError ? errorOfEvent(upstreamError) : relayError('upstream_error')
    return 'error'
  }
}

function isAboveZero(byte: number): boolean {
  return byte > 0x30 && byte <= 0x39
}
