import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { JsonObject } from './events'

/** What the shape of a value is told by: a JSON Schema, or a schema of any library that speaks Standard Schema. */
export type AnySchema = StandardSchemaV1 | JsonObject

/** The type of the values that a schema lets through. A plain JSON Schema says nothing of it to TypeScript. */
export type SchemaOutput<TSchema> = TSchema extends StandardSchemaV1 ? StandardSchemaV1.InferOutput<TSchema> : unknown

export type Validated = { value: unknown } | { issues: string }

/**
 * The JSON Schema that a model is asked to follow: what goes in, before the library transforms it. Throws when the library
 * cannot give one. `$schema` is left out, since some upstreams refuse the keyword.
 */
export function toJsonSchema(schema: AnySchema): JsonObject {
  if (!isStandardSchema(schema)) return schema
  const { vendor, jsonSchema: converter } = schema['~standard'] as StandardSchemaV1.Props & Partial<StandardJSONSchemaV1.Props>
  if (!converter) {
    throw new TypeError(`The schema (${vendor}) gives no JSON Schema of itself: use a library with ~standard.jsonSchema, or pass a JSON Schema.`)
  }
  const { $schema, ...rest } = converter.input({ target: 'draft-2020-12' }) as JsonObject
  return rest
}

/** The value as the schema's library returns it, or what is wrong with it. A plain JSON Schema lets everything through. */
export async function validateWith(schema: AnySchema | undefined, value: unknown): Promise<Validated> {
  if (!schema || !isStandardSchema(schema)) return { value }
  const { issues, ...result } = await schema['~standard'].validate(value)
  return issues ? { issues: issues.map(toSentence).join('; ') } : result as { value: unknown }
}

function isStandardSchema(schema: AnySchema): schema is StandardSchemaV1 {
  return '~standard' in schema
}

function toSentence({ path, message }: StandardSchemaV1.Issue): string {
  const keys = path?.map(segment => String(typeof segment === 'object' ? segment.key : segment))
  return keys?.length ? `${keys.join('.')}: ${message}` : message
}
