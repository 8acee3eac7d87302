import type { JsonObject, JsonValue } from '../../shared/events'
import { toJsonSchema } from '../../shared/schema'
import type { AnySchema } from '../../shared/schema'
import type { ProtocolName } from '../../shared/wire'
import { createObjectReader } from './object'
import type { ObjectReader } from './object'

/** How an answer of a schema is asked for, and read. Loaded with the first request for one. */
export interface Structured {
  /** The request's body with what it takes. Throws where the schema gives no JSON Schema of itself. */
  ask: (body: Record<string, unknown>) => Record<string, unknown>
  /** For one attempt. */
  createReader: () => ObjectReader
}

export function createStructured(schema: AnySchema, protocol: ProtocolName): Structured {
  return {
    ask: body => askForJson(body, protocol, toJsonSchema(schema)),
    createReader: () => createObjectReader(schema),
  }
}

/** The body of a request that asks for JSON of a schema, in the protocol's own way. What the body says itself stays. */
function askForJson(body: Record<string, unknown>, protocol: ProtocolName, jsonSchema: JsonObject): Record<string, unknown> {
  const { schema, strict } = toStructuredSchema(jsonSchema)
  const name = typeof schema.title === 'string' ? schema.title.replace(/[^\w-]/g, '_').slice(0, 64) : 'answer'
  switch (protocol) {
    // [wire] https://platform.openai.com/docs/guides/structured-outputs
    case 'chat': return { response_format: { type: 'json_schema', json_schema: { name, schema, strict } }, ...body }
    case 'responses': return { ...body, text: { format: { type: 'json_schema', name, schema, strict }, ...body.text as object } }
    // [wire] https://platform.claude.com/docs/en/build-with-claude/structured-outputs
    case 'messages': return { ...body, output_config: { format: { type: 'json_schema', schema }, ...body.output_config as object } }
  }
}

/** Keywords whose value is a map of names to schemas. */
const MAPS = ['properties', '$defs', 'definitions']

/**
 * [wire] Structured outputs take only objects that say `additionalProperties: false`, which schema libraries leave out: to
 * them an unknown property is no error. `strict`, a promise of OpenAI's to follow the schema, is refused where a property
 * is optional, so it is asked for only where none is.
 */
function toStructuredSchema(root: JsonObject): { schema: JsonObject, strict: boolean } {
  let strict = true

  function convert(schema: JsonValue | undefined): JsonValue | undefined {
    if (Array.isArray(schema)) return schema.map(convert) as JsonValue
    if (!isObject(schema)) return schema
    const { properties, required, additionalProperties } = schema
    const entries = Object.entries(schema).map(([key, value]) =>
      [key, MAPS.includes(key) && isObject(value) ? mapValues(value, convert) : convert(value)] as const)
    if (isObject(properties)) {
      if (additionalProperties === undefined) entries.push(['additionalProperties', false])
      if (!Object.keys(properties).every(name => Array.isArray(required) && required.includes(name))) strict = false
    }
    if (additionalProperties !== undefined && additionalProperties !== false) strict = false
    return Object.fromEntries(entries)
  }

  const schema = convert(root) as JsonObject // an object gives an object
  return { schema, strict }
}

function mapValues(map: JsonObject, convert: (value: JsonValue | undefined) => JsonValue | undefined): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, convert(value)]))
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
