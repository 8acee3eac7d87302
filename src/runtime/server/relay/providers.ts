import type { ProtocolName } from '../../shared/wire'

/** What is known of a provider. An upstream's own options win over its row. */
export interface Provider {
  /** Up to the part that all paths share. Absent: the app gives one, since every customer has their own. */
  baseURL?: string
  protocols: readonly ProtocolName[]
  /** `none`: a server of one's own, which may do without. */
  key: 'required' | 'none'
  /** Header that carries the key; `authorization` as `Bearer`. @default 'authorization' */
  keyHeader?: string
  /** Fixed headers that the API asks for. */
  headers?: Readonly<Record<string, string>>
  /** Chat takes `max_completion_tokens` instead of `max_tokens`. */
  maxCompletionTokens?: true
  /** `stream_options.include_usage` is known to be accepted; elsewhere some answer 400. */
  includeUsage?: true
  /** `Idempotency-Key` is known to be understood. */
  idempotencyKey?: true
  /** Refused in a production build. */
  developmentOnly?: true
}

/**
 * The provider table (api.md §2). A row is data; a quirk is a flag with a fixture (wire.md §8). What is not certain is left
 * out, since `paths`, `protocols`, `headers` and `keyHeader` of an upstream can say it.
 */
export const PROVIDERS = {
  openai: {
    baseURL: 'https://api.openai.com/v1',
    protocols: ['chat', 'responses'],
    key: 'required',
    maxCompletionTokens: true,
    includeUsage: true,
    idempotencyKey: true,
  },
  /** `baseURL`: `https://NAME.openai.azure.com/openai/v1` or `…/openai/deployments/NAME?api-version=…`; the query is kept. */
  azure: {
    protocols: ['chat', 'responses'],
    key: 'required',
    keyHeader: 'api-key',
    maxCompletionTokens: true,
    includeUsage: true,
  },
  lemondata: { baseURL: 'https://api.lemondata.cc/v1', protocols: ['chat', 'responses'], key: 'required' },
  /** Also answers at `paths: { chat: 'llm/chat/completions' }`. */
  openhub: { baseURL: 'https://api.myopenhub.com/v1', protocols: ['chat'], key: 'required' },
  lawbot: { baseURL: 'http://127.0.0.1:8000', protocols: ['chat'], key: 'none' },
  openrouter: { baseURL: 'https://openrouter.ai/api/v1', protocols: ['chat', 'responses'], key: 'required', includeUsage: true },
  deepseek: { baseURL: 'https://api.deepseek.com/v1', protocols: ['chat'], key: 'required', includeUsage: true },
  groq: { baseURL: 'https://api.groq.com/openai/v1', protocols: ['chat', 'responses'], key: 'required' },
  mistral: { baseURL: 'https://api.mistral.ai/v1', protocols: ['chat'], key: 'required' },
  xai: { baseURL: 'https://api.x.ai/v1', protocols: ['chat', 'responses'], key: 'required' },
  moonshot: { baseURL: 'https://api.moonshot.ai/v1', protocols: ['chat'], key: 'required' },
  dashscope: {
    baseURL: 'https://dashscope.aliyuncs.com/compatible-mode/v1',
    protocols: ['chat'],
    key: 'required',
    includeUsage: true,
  },
  zhipu: { baseURL: 'https://open.bigmodel.cn/api/paas/v4', protocols: ['chat'], key: 'required' },
  gemini: { baseURL: 'https://generativelanguage.googleapis.com/v1beta/openai', protocols: ['chat'], key: 'required' },
  anthropic: {
    baseURL: 'https://api.anthropic.com/v1',
    protocols: ['messages'],
    key: 'required',
    keyHeader: 'x-api-key',
    headers: { 'anthropic-version': '2023-06-01' },
  },
  ollama: { baseURL: 'http://127.0.0.1:11434/v1', protocols: ['chat', 'responses'], key: 'none' },
  vllm: { baseURL: 'http://127.0.0.1:8000/v1', protocols: ['chat', 'responses'], key: 'none', includeUsage: true },
  llamacpp: { baseURL: 'http://127.0.0.1:8080/v1', protocols: ['chat'], key: 'none' },
  lmstudio: { baseURL: 'http://127.0.0.1:1234/v1', protocols: ['chat', 'responses'], key: 'none' },
  /** Plays back what `record` kept; the module starts its server and gives the base URL. */
  replay: { protocols: ['chat', 'responses', 'messages'], key: 'none', developmentOnly: true },
} as const satisfies Record<string, Provider>

/** Name of a row of the provider table. */
export type ProviderName = keyof typeof PROVIDERS

/** The row of that name; `undefined` when there is none. Own names only, so `constructor` is none. */
export function findProvider(name: string): Provider | undefined {
  return Object.hasOwn(PROVIDERS, name) ? PROVIDERS[name as ProviderName] : undefined
}
