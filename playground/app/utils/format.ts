import type { Usage } from 'nuxt-llm-stream/protocol'

export function formatUsage({ inputTokens, outputTokens }: Usage): string {
  return `${inputTokens} in, ${outputTokens} out`
}

/** 840 ms, 3.2 s, 45 s: never broken before the unit. */
export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return '–'
  return ms < 1000 ? `${Math.round(ms)}\u00A0ms` : `${Number((ms / 1000).toFixed(1))}\u00A0s`
}
