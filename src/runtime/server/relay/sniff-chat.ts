import { isFailureReason, outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Judge, Verdict } from './findings'
import { findError } from './findings'
import { asciiBytes, isEmptyArray, matches, parseData, valueByte } from './frame-data'
import type { Frame } from './frames'
import { isObject, textOf } from '../../shared/protocols/json'
import { holdsError } from '../../shared/protocols/upstream-error'
import { createWordSearch } from './word-search'

const QUOTE = 0x22
const NULL = 0x6E // `n`
const OPENING_BRACE = 0x7B
const OPENING_BRACKET = 0x5B
const ERROR_KEY = '"error"'
const FINISH_KEY = '"finish_reason"'
const FUNCTION_KEY = '"function_call"'
const INDEX_KEY = '"index"'
const TOOLS_KEY = '"tool_calls"'
const USAGE_KEY = '"usage"'

/** Words that begin with an unescaped quote: keys, or whole string values, never text within one. */
const KEYS = [ERROR_KEY, FINISH_KEY, FUNCTION_KEY, INDEX_KEY, TOOLS_KEY, USAGE_KEY].map(key => ({ key, bytes: asciiBytes(key) }))
const KEYS_BY_SECOND_BYTE = Array.from({ length: 256 }, (_, byte) => KEYS.filter(({ bytes }) => bytes[1] === byte))
const findKey = createWordSearch(KEYS.map(({ key }) => key))

/** Chat Completions: the end is `[DONE]`, the proof a finish reason for every choice. */
export class ChatJudge implements Judge {
  /** Finish reason of choice 0, which always exists; `null` until there is one. */
  private reason: string | null = null
  /** Whether the choices after it have one, once there are any; and how many have none. */
  private others: Map<number, boolean> | undefined
  private unfinished = 0
  private hasCalls = false

  constructor(private readonly findings: Findings) {}

  judge(frame: Frame): Verdict {
    return this.matters(frame) ? this.read(parseData(frame)) : 'forward'
  }

  /** Whether the event must be parsed. Most hold none of the keys, or keys without a value that matters. */
  private matters({ bytes, dataStart, end }: Frame): boolean {
    for (let at = findKey(bytes, dataStart, end); at >= 0; at = findKey(bytes, at + 1, end)) {
      for (const { key, bytes: spelled } of KEYS_BY_SECOND_BYTE[bytes[at + 1]!]!) {
        const valueAt = at + spelled.length
        // The value first: few tell anything, and a look at one byte is less than at a whole key.
        if (!isTelling(key, valueByte(bytes, valueAt)) || !matches(spelled, bytes, at)) continue
        if (key !== TOOLS_KEY && key !== FUNCTION_KEY) return true
        if (!isEmptyArray(bytes, valueAt)) this.noteCalls()
      }
    }
    return false
  }

  private noteCalls(): void {
    if (this.hasCalls) return
    this.hasCalls = true
    this.conclude()
  }

  private read(message: unknown): Verdict {
    const { findings } = this
    if (!isObject(message)) return 'forward'
    if (holdsError(message)) return findError(findings, message)
    const groq = isObject(message.x_groq) ? message.x_groq : {}
    if (holdsError(groq)) return findError(findings, groq)
    const choices = Array.isArray(message.choices) ? message.choices.filter(isObject) : []
    findings.usage = toUsage(message.usage) ?? toUsage(groq.usage) ?? toUsage(choices[0]?.usage) ?? findings.usage
    for (const choice of choices) {
      // [wire] Old Ollama sends an empty reason for none.
      const given = textOf(choice.finish_reason).replace(/^null$/, '') || null
      if (given !== null && isFailureReason(given)) return findError(findings, undefined)
      this.note(choice.index, given)
    }
    this.conclude()
    return 'forward'
  }

  private note(index: unknown, given: string | null): void {
    if (!index || typeof index !== 'number') {
      this.reason = given ?? this.reason
      return
    }
    this.others ??= new Map()
    const finished = this.others.get(index)
    if (finished === undefined) this.unfinished++
    if (given !== null && !finished) this.unfinished--
    this.others.set(index, finished || given !== null)
  }

  private conclude(): void {
    const { findings, reason, unfinished, hasCalls } = this
    findings.proven = reason !== null && unfinished === 0
    findings.outcome = outcomeOfReason(reason, hasCalls)
  }
}

/** Whether a key whose value begins with this byte says something. */
function isTelling(key: string, value: number): boolean {
  switch (key) {
    case ERROR_KEY: case USAGE_KEY: return value !== NULL
    case FINISH_KEY: return value === QUOTE
    case INDEX_KEY: return isAboveZero(value) // a choice, or a parallel call, after the first
    default: return value === OPENING_BRACE || value === OPENING_BRACKET
  }
}

function isAboveZero(byte: number): boolean {
  return byte > 0x30 && byte <= 0x39
}
