import { toList, toRecord } from './json'
import type { JsonSchema } from './request'

/** Where in a sample a value stands: its key, and which item of a list it belongs to. */
interface Place {
  name: string
  item: number
  depth: number
  root: JsonSchema
}

/** Schemas may name themselves; a sample goes no deeper than this. */
const MAX_DEPTH = 6

/** A value that fits a JSON Schema and looks as if somebody had meant it. The same schema gives the same value. */
export function sampleOf(schema: JsonSchema): unknown {
  return sample(schema, { name: '', item: 0, depth: 0, root: schema })
}

function sample(given: unknown, place: Place): unknown {
  const schema = resolve(given, place.root)
  if ('const' in schema) return schema.const
  if ('default' in schema) return schema.default
  for (const key of ['enum', 'examples']) {
    const choices = toList(schema[key])
    if (choices.length > 0) return choices[place.item % choices.length]
  }
  switch (typeOf(schema)) {
    case 'object': return sampleObject(schema, place)
    case 'array': return sampleArray(schema, place)
    case 'string': return sampleString(schema, place)
    case 'integer': return Math.round(sampleNumber(schema, place))
    case 'number': return sampleNumber(schema, place)
    case 'boolean': return place.item % 2 === 0
    default: return null
  }
}

function sampleObject({ properties }: JsonSchema, place: Place): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  if (place.depth >= MAX_DEPTH) return object
  for (const [name, schema] of Object.entries(toRecord(properties))) {
    // The name of an ingredient is an ingredient.
    const called = place.name !== '' && /^(?:name|title|label)$/i.test(name) ? place.name : name
    object[name] = sample(schema, { ...place, name: called, depth: place.depth + 1 })
  }
  return object
}

function sampleArray({ items, minItems, maxItems }: JsonSchema, place: Place): unknown[] {
  const wanted = Math.min(Math.max(3, toNumber(minItems, 0)), toNumber(maxItems, 3))
  const length = place.depth >= MAX_DEPTH ? toNumber(minItems, 0) : wanted
  return Array.from({ length }, (_, item) => sample(items, { ...place, item, depth: place.depth + 1 }))
}

function sampleNumber({ minimum, maximum }: JsonSchema, { name, item }: Place): number {
  const liked = NUMBERS.find(([pattern]) => pattern.test(name))?.[1] ?? 21
  return Math.min(Math.max(liked + item, toNumber(minimum, liked + item)), toNumber(maximum, liked + item))
}

const NUMBERS: [name: RegExp, number: number][] = [
  [/year/i, 2026],
  [/price|cost|amount/i, 12.5],
  [/count|quantity|number/i, 3],
  [/serving|portion|people|guest/i, 4],
  [/minute|duration/i, 15],
]

const byFormat: Record<string, string> = {
  'date': '2026-05-01',
  'time': '09:30:00Z',
  'date-time': '2026-05-01T09:30:00Z',
  'email': 'ada@example.com',
  'uri': 'https://example.com/',
  'uuid': '2f1c4a52-6a37-4f0a-9c9d-0d8c5c1f7b11',
}

/** What a property of such a name may say; items of a list take turns. */
const byName: [name: RegExp, texts: string[]][] = [
  [/city|place|location/i, ['Lisbon', 'Taipei', 'Oslo']],
  [/country/i, ['Portugal', 'Taiwan', 'Norway']],
  [/e-?mail/i, ['ada@example.com', 'grace@example.com', 'alan@example.com']],
  [/url|link|href/i, ['https://example.com/']],
  [/unit/i, ['celsius']],
  [/colou?r/i, ['teal', 'amber', 'plum']],
  [/date|day/i, ['2026-05-01', '2026-05-02', '2026-05-03']],
  [/author|person|user/i, ['Ada Lovelace', 'Grace Hopper', 'Alan Turing']],
  [/amount|quantity/i, ['two', 'a handful', 'one litre']],
  [/ingredient|item/i, ['ripe lemons', 'fresh mint', 'cold water']],
  [/title|name|label/i, ['Lemonade on the roof', 'A walk by the river', 'Tea before the rain']],
  [/step|instruction/i, ['Begin with what is there.', 'Take your time in the middle.', 'Stop when it tastes right.']],
  [/summary|description|text|content|body|note|reason/i, ['Short, fresh and easily shared.', 'Quiet, with a view.', 'Warm, and over too soon.']],
]

function sampleString({ format, minLength, maxLength }: JsonSchema, { name, item }: Place): string {
  const texts = byName.find(([pattern]) => pattern.test(name))?.[1] ?? ['sunrise', 'noon', 'dusk']
  const text = byFormat[String(format)] ?? texts[item % texts.length]!
  return text.padEnd(toNumber(minLength, 0), '.').slice(0, toNumber(maxLength, Number.POSITIVE_INFINITY))
}

/** Follows a reference within the document, and the first of several alternatives that is not null. */
function resolve(given: unknown, root: JsonSchema): JsonSchema {
  const schema = toRecord(given)
  if (typeof schema.$ref === 'string') {
    const path = schema.$ref.replace(/^#\/?/, '').split('/').filter(Boolean)
    return resolve(path.reduce<unknown>((value, key) => toRecord(value)[key], root), path.length > 0 ? root : {})
  }
  const alternatives = [...toList(schema.anyOf), ...toList(schema.oneOf), ...toList(schema.allOf)].map(toRecord)
  const chosen = alternatives.find(({ type }) => type !== 'null')
  return chosen ? resolve({ ...schema, anyOf: undefined, oneOf: undefined, allOf: undefined, ...chosen }, root) : schema
}

function typeOf({ type, properties, items }: JsonSchema): unknown {
  if (Array.isArray(type)) return type.find(name => name !== 'null')
  return type ?? (properties ? 'object' : items ? 'array' : undefined)
}

function toNumber(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
