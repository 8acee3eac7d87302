import { isFailureReason, outcomeOfReason } from '../../shared/outcome'
import { toUsage } from '../../shared/usage'
import type { Findings, Judge, Verdict } from './findings'
import { findError } from './findings'
import { isEmptyArray, parseData, valueByte } from './frame-data'
import type { Frame } from './frames'
import { isObject, textOf } from '../../shared/protocols/json'
import { holdsError } from '../../shared/protocols/upstream-error'
import { WordSearch } from './word-search'

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
const keys = new WordSearch([ERROR_KEY, FINISH_KEY, FUNCTION_KEY, INDEX_KEY, TOOLS_KEY, USAGE_KEY])

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
    for (let at = keys.next(bytes, dataStart, end); at >= 0; at = keys.next(bytes, at + 1, end)) {
      if (this.isTelling(keys.word, bytes, at + keys.word.length)) return true
    }
    return false
  }

  private isTelling(key: string, bytes: Uint8Array, end: number): boolean {
    const value = valueByte(bytes, end)
    switch (key) {
      case ERROR_KEY: case USAGE_KEY: return value !== NULL
      case FINISH_KEY: return value === QUOTE
      case INDEX_KEY: return isAboveZero(value) // a choice, or a parallel call, after the first
    }
    if (this.hasCalls || !(value === OPENING_BRACE || (value === OPENING_BRACKET && !isEmptyArray(bytes, end)))) return false
    this.hasCalls = true
    this.conclude()
    return false
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

function isAboveZero(byte: number): boolean {
  return byte > 0x30 && byte <= 0x39
}
