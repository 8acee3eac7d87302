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
  const count = (...paths: string[]) => countAt(raw, paths)
  const input = count('prompt_tokens', 'input_tokens')
  const output = count('completion_tokens', 'output_tokens')
  const total = count('total_tokens')
  if (input === undefined && output === undefined && total === undefined) return null

  // [wire] Messages alone counts cache reads and writes beside `input_tokens` instead of within it.
  const cacheReads = count('cache_read_input_tokens')
  const inputTokens = (input ?? 0) + (cacheReads ?? 0) + (count('cache_creation_input_tokens') ?? 0)
  const outputTokens = output ?? 0
  const reasoningTokens = count(
    'completion_tokens_details.reasoning_tokens', 'output_tokens_details.reasoning_tokens', 'output_tokens_details.thinking_tokens')
  const cachedInputTokens = cacheReads ?? count(
    'prompt_tokens_details.cached_tokens', 'input_tokens_details.cached_tokens', 'prompt_cache_hit_tokens') // the last: DeepSeek
  return {
    inputTokens,
    outputTokens,
    totalTokens: total ?? inputTokens + outputTokens,
    ...(reasoningTokens !== undefined && { reasoningTokens }),
    ...(cachedInputTokens !== undefined && { cachedInputTokens }),
    raw,
  }
}

/** The first of these paths at which there is a count. */
function countAt(usage: object, paths: string[]): number | undefined {
  for (const path of paths) {
    let value: unknown = usage
    for (const key of path.split('.')) value = (value as Record<string, unknown> | null | undefined)?.[key] // of a number or a text too
    if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number // JSON can spell Infinity: 1e999
  }
}
