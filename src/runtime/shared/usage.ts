/** Token counts of a run, in one shape for the three protocols. */
export interface Usage {
  /** Tokens of the request, cache reads and writes included. */
  inputTokens: number
  /** Tokens of the answer, as the upstream counts them (some leave reasoning out). */
  outputTokens: number
  /** As the upstream says, else the sum of both. */
  totalTokens: number
  reasoningTokens?: number
  cachedInputTokens?: number
  /** The upstream's own object. */
  raw: unknown
}

/**
 * Reads the usage object of any of the three protocols: their keys do not collide, and some upstreams mix them.
 * `null` when it counts nothing.
 */
export function toUsage(raw: unknown): Usage | null {
  if (typeof raw !== 'object' || raw === null) return null
  const usage = raw as Record<string, unknown>
  const input = count(usage.prompt_tokens) ?? count(usage.input_tokens)
  const output = count(usage.completion_tokens) ?? count(usage.output_tokens)
  const total = count(usage.total_tokens)
  if (input === undefined && output === undefined && total === undefined) return null

  // [wire] Messages alone counts cache reads and writes beside `input_tokens` instead of within it.
  const cacheReads = count(usage.cache_read_input_tokens)
  const inputTokens = (input ?? 0) + (cacheReads ?? 0) + (count(usage.cache_creation_input_tokens) ?? 0)
  const outputTokens = output ?? 0
  const reasoningTokens = count(detail(usage.completion_tokens_details, 'reasoning_tokens'))
    ?? count(detail(usage.output_tokens_details, 'reasoning_tokens'))
    ?? count(detail(usage.output_tokens_details, 'thinking_tokens'))
  const cachedInputTokens = cacheReads
    ?? count(detail(usage.prompt_tokens_details, 'cached_tokens'))
    ?? count(detail(usage.input_tokens_details, 'cached_tokens'))
    ?? count(usage.prompt_cache_hit_tokens) // DeepSeek
  return {
    inputTokens,
    outputTokens,
    totalTokens: total ?? inputTokens + outputTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    raw,
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

function detail(details: unknown, key: string): unknown {
  return typeof details === 'object' && details !== null ? (details as Record<string, unknown>)[key] : undefined
}
