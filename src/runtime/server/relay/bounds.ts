import type { ResolvedParams } from './upstream-options'
import { isObject } from '../../shared/protocols/json'
import { invalid } from './failures'

/** Efforts from least to most, as the three protocols name them. */
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']

/** Keys under which a request nests what is bounded by tokens or effort: Responses API and OpenRouter, Anthropic. */
const nested = ['reasoning', 'output_config', 'thinking']

/**
 * Applies `params.max`: numbers by key, and one bound for the efforts of every protocol. `outputTokens` also bounds what
 * may be thought, since providers count it into the answer.
 */
export function boundParams(body: Record<string, unknown>, max: ResolvedParams['max'], outputTokens: number): void {
  for (const key of ['n', 'best_of']) {
    if (key in body) body[key] = count(key, body[key])
  }
  for (const [key, bound] of Object.entries({ best_of: max.n!, ...max })) {
    if (typeof bound === 'number' && typeof body[key] === 'number') body[key] = Math.min(body[key], bound)
  }
  const effort = max.reasoning_effort
  if ('reasoning_effort' in body) body.reasoning_effort = boundEffort('reasoning_effort', body.reasoning_effort, effort)
  for (const key of nested) {
    const value = body[key]
    if (!isObject(value)) continue
    const bounded = { ...value }
    if (bounded.effort != null) bounded.effort = boundEffort(`${key}.effort`, bounded.effort, effort)
    if (bounded.max_tokens != null) bounded.max_tokens = Math.min(count(`${key}.max_tokens`, bounded.max_tokens), outputTokens)
    // [wire] Anthropic: `budget_tokens` must be below `max_tokens`.
    if (bounded.budget_tokens != null) bounded.budget_tokens = Math.min(count(`${key}.budget_tokens`, bounded.budget_tokens), outputTokens - 1)
    body[key] = bounded
  }
}

/** A whole number from 1, or `invalid_request`. */
export function count(key: string, value: unknown): number {
  if (!Number.isInteger(value) || (value as number) < 1) throw invalid(`\`${key}\` must be a whole number from 1.`)
  return value as number
}

/** A word that we do not know may stand for any effort, so it counts as too much. */
function boundEffort(key: string, value: unknown, bound: number | string | undefined): string {
  if (typeof value !== 'string') throw invalid(`\`${key}\` must be a string.`)
  if (typeof bound !== 'string') return value
  const rank = efforts.indexOf(value)
  return rank === -1 || rank > efforts.indexOf(bound) ? bound : value
}
