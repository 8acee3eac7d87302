/** Token counts of a run, in one shape for the three protocols. */
export interface Usage {
  /** Tokens of the request, cache reads and writes included. */
  inputTokens: number
  /** Tokens of the answer, as the upstream counts them (some leave reasoning out). */
  outputTokens: number
  totalTokens: number
  reasoningTokens?: number
  cachedInputTokens?: number
  /** The upstream's own object. */
  raw: unknown
}
