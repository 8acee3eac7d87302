import type { ModuleOptions } from './options'
import type { Limits, ParamsOptions, ResumeOptions, Timeouts, UpstreamOptions } from './runtime/server/relay/options'
import type { ProtocolName } from './runtime/shared/wire'
import { findNearest } from './spelling'

/**
 * What may stand where in `llmStream`: `true` is a value, an object has keys of its own, and `*` is any name. {@link TreeOf}
 * asks for every option and allows no other, so that the list below cannot fall behind.
 */
export type OptionTree = true | { readonly [key: string]: OptionTree }

/** Every key of the options and no other: a value, or what `Nested` says of it. */
export type TreeOf<Options, Nested extends Partial<Record<keyof Options, OptionTree>> = object> = {
  readonly [Key in keyof Required<Options>]: Key extends keyof Nested ? Nested[Key] : true
}

const limits: TreeOf<Limits> = {
  rate: true, ipRate: true, globalRate: true, concurrency: true, globalConcurrency: true, bodyBytes: true, messages: true, depth: true,
  tools: true, outputTokens: true, eventBytes: true, streamBytes: true, jsonBytes: true, tokens: true,
}

const timeouts: TreeOf<Timeouts> = {
  body: true, connect: true, firstByte: true, byteIdle: true, eventIdle: true, total: true, slowClient: true,
}

const resume: TreeOf<ResumeOptions> = {
  driver: true, required: true, orphanGrace: true, ttl: true, ttlAfterEnd: true, logBytes: true, perOwner: true, memoryBytes: true, secret: true,
}

const params: TreeOf<ParamsOptions> = { defaults: true, max: true, allow: true }

const paths: Record<ProtocolName, true> = { chat: true, responses: true, messages: true }

const upstream: TreeOf<UpstreamOptions, { paths: typeof paths, params: typeof params, timeouts: typeof timeouts }> = {
  provider: true, baseURL: true, paths, apiKey: true, keyHeader: true, headers: true, models: true, protocols: true, params,
  allowPrivate: true, retries: true, timeouts, fallback: true,
}

const upstreams = { '*': upstream } as const
const redis = { url: true } as const
const imports: TreeOf<Exclude<NonNullable<ModuleOptions['imports']>, false>> = { useStream: true, useConversation: true }

interface Nested {
  upstreams: typeof upstreams
  limits: typeof limits
  timeouts: typeof timeouts
  resume: typeof resume
  redis: typeof redis
  imports: typeof imports
}

export const KNOWN_OPTIONS: TreeOf<ModuleOptions, Nested> = {
  route: true, upstreams, public: true, limits, timeouts, heartbeat: true, resume, redis, origins: true, trustProxy: true, record: true,
  imports,
}

/** A sentence for each key that is no option, with the one that was most likely meant. */
export function findUnknownOptions(options: object, tree: OptionTree = KNOWN_OPTIONS, place = 'llmStream'): string[] {
  if (tree === true) return []
  return Object.entries(options).flatMap(([key, value]) => {
    const known = Object.hasOwn(tree, key) ? tree[key] : tree['*']
    if (!known) return `\`${place}.${key}\` is no option. ${suggest(key, Object.keys(tree), place)}`
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isGroup ? findUnknownOptions(value, known, `${place}.${key}`) : []
  })
}

function suggest(key: string, siblings: readonly string[], place: string): string {
  const near = findNearest(key, siblings)
  if (near) return `Did you mean \`${near}\`?`
  const elsewhere = findPlace(key, KNOWN_OPTIONS, 'llmStream')
  return elsewhere && elsewhere !== `${place}.${key}` ? `It belongs to \`${elsewhere}\`.` : `There are ${siblings.map(name => `\`${name}\``).join(', ')}.`
}

/** Where a name is an option, if anywhere. */
function findPlace(key: string, tree: OptionTree, place: string): string | undefined {
  if (tree === true) return
  if (Object.hasOwn(tree, key)) return place
  for (const [name, child] of Object.entries(tree)) {
    const found = findPlace(key, child, `${place}.${name === '*' ? '<name>' : name}`)
    if (found) return found
  }
}
