import type { StreamError } from '../../shared/errors'
import type { Usage } from '../../shared/usage'
import type { Frame } from './frames'
import type { Sniffer, Verdict } from './sniff'
import { isFailureReason, outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import { ERROR_FRAME } from '../../shared/wire'
import { relayError } from './failures'
import { asciiBytes, hasName, isEmptyArray, matches, parseData, parseErrorField, valueByte } from './frame-data'
import { isDone } from './frames'
import { errorOfEvent, isObject, readUpstreamError } from './upstream-errors'
import { createWordSearch } from './word-search'

const QUOTE = 0x22
const NULL = 0x6E // `n`
const OPENING_BRACE = 0x7B
const OPENING_BRACKET = 0x5B
const ERROR_NAME = asciiBytes(ERROR_FRAME)
const ERROR_KEY = '"error"'
const FINISH_KEY = '"finish_reason"'
const FUNCTION_KEY = '"function_call"'
const INDEX_KEY = '"index"'
const TOOLS_KEY = '"tool_calls"'
const USAGE_KEY = '"usage"'

/** Words that begin with an unescaped quote: keys, or whole string values, never text within one. */
const KEYS = [ERROR_KEY, FINISH_KEY, FUNCTION_KEY, INDEX_KEY, TOOLS_KEY, USAGE_KEY].map(key => ({ key, bytes: asciiBytes(key) }))
const findKey = createWordSearch(KEYS.map(({ key }) => key))

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

  /** Whether the event must be parsed. Most hold none of the keys, or keys without a value that matters. */
  function matters({ bytes, dataStart, end }: Frame): boolean {
    for (let at = findKey(bytes, dataStart, end); at >= 0; at = findKey(bytes, at + 1, end)) {
      for (const { key, bytes: spelled } of KEYS) {
        if (matches(spelled, bytes, at) && isTelling(key, bytes, at + spelled.length)) return true
      }
    }
    return false
  }

  function isTelling(key: string, bytes: Uint8Array, end: number): boolean {
    const value = valueByte(bytes, end)
    switch (key) {
      case ERROR_KEY: case USAGE_KEY: return value !== NULL
      case FINISH_KEY: return value === QUOTE
      case INDEX_KEY: return isAboveZero(value) // a choice, or a parallel call, after the first
    }
    hasCalls ||= value === OPENING_BRACE || (value === OPENING_BRACKET && !isEmptyArray(bytes, end))
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
