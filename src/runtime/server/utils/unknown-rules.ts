import type { LlmStreamRules } from '../relay/rules'

/** Every rule and no other. */
const RULES: Record<keyof LlmStreamRules, true> = { authorize: true, prepare: true, redis: true, log: true, tracer: true, onFinish: true, onError: true }

/** Why a rule would never be heeded: an `authorise` keeps nobody out, and JavaScript does not say so. */
export function findUnknownRules(rules: object): string | undefined {
  const unknown = Object.keys(rules).filter(name => !Object.hasOwn(RULES, name))
  if (unknown.length === 0) return
  return `server/llm-stream.ts has \`${unknown.join('`, `')}\`, which is never called. The rules are ${Object.keys(RULES).map(name => `\`${name}\``).join(', ')}.`
}
