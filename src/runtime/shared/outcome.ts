/**
 * How a run ended (api.md §8). `truncated`: the body ended without proof that the answer is whole.
 */
export type Outcome = 'complete' | 'length' | 'content-filter' | 'tool-calls' | 'stopped' | 'truncated' | 'failed'
