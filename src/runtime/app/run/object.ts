import { StreamError } from '../../shared/errors'
import type { EndEvent } from '../../shared/events'
import type { PartialJson } from '../../shared/partial-json'
import type { AnySchema } from '../../shared/schema'
import { validateWith } from '../../shared/schema'

/** Reads an object out of a text while it arrives. */
export interface ObjectReader {
  /** More of the text. */
  push: (delta: string) => void
  /** The object so far; values that are closed stay the same objects. */
  read: () => unknown
  /** How a run ends: as it would, but failed where its answer is whole and not what the schema says. Never rejects. */
  check: (end: EndEvent, text: string) => Promise<EndEvent>
}

/**
 * The parser of unfinished JSON is as large as all the rest, so its code is loaded with the first request that needs it;
 * what arrives before is kept for it.
 */
export function createObjectReader(schema: AnySchema): ObjectReader {
  let parser: PartialJson | undefined
  let early = ''
  let whole: { value: unknown } | undefined

  import('../../shared/partial-json').then(({ createPartialJson }) => {
    parser = createPartialJson()
    parser.push(early)
  }, () => {}) // not loaded: the object is there at the end, in one piece

  return {
    push(delta) {
      if (parser) parser.push(delta)
      else early += delta
    },
    read: () => whole ? whole.value : parser?.read(),
    async check(end, text) {
      if (end.outcome !== 'complete') return end
      const validated = await validate(schema, text)
      if ('issues' in validated) return { type: 'end', outcome: 'failed', error: invalidObject(validated.issues) }
      whole = validated
      return end
    },
  }
}

async function validate(schema: AnySchema, text: string): ReturnType<typeof validateWith> {
  let value: unknown
  try {
    value = JSON.parse(text)
  }
  catch {
    return { issues: 'it is not JSON' }
  }
  try {
    return await validateWith(schema, value)
  }
  catch (error) {
    return { issues: `its validation threw ${String(error)}` }
  }
}

function invalidObject(issues: string): StreamError {
  return new StreamError({
    code: 'invalid_object',
    message: `The answer does not follow the schema (${issues}): try again, or ask for it more plainly.`,
  })
}
