const PREFIX = 'NUXT_LLM_STREAM'

/**
 * Why variables have no effect: a variable sets a key that the build declared, and what is meant to be limited by a slip of the pen
 * would not be. `config` is `runtimeConfig.llmStream`.
 */
export function findUnheededVariables(env: Record<string, string | undefined>, config: object): string | undefined {
  const heeded = new Set(variablesOf(PREFIX, config))
  const unheeded = Object.keys(env).filter(name => name.startsWith(`${PREFIX}_`) && env[name] && !heeded.has(name))
  if (unheeded.length === 0) return
  return `Nothing in this build reads ${unheeded.join(', ')}. The route, the names of upstreams and whether runs can be resumed are fixed in nuxt.config when the app is built.`
}

/** The variables that Nitro reads for these keys and those below: `baseURL` is `BASE_URL`, `my-vllm` is `MY_VLLM`. */
function* variablesOf(prefix: string, config: object): Generator<string> {
  for (const [key, value] of Object.entries(config)) {
    const name = `${prefix}_${key.replace(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll('-', '_').toUpperCase()}`
    yield name
    if (typeof value === 'object' && value !== null) yield* variablesOf(name, value)
  }
}
