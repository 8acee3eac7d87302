import type { Recording } from '../shared/recording'
import type { ProtocolName } from '../shared/wire'
import type { BodyStep, HttpAnswer } from './answer'
import type { Respond } from './fake-upstream'

/** Options of `replay`. */
export interface ReplayOptions {
  /** How fast, against the time that it took: 2 is twice as fast, `Infinity` as fast as it is taken. @default 1 */
  speed?: number
}

/** A recording and the bytes beside it. */
type Tape = Recording & { name: string, bytes: Uint8Array }

/**
 * Plays the recordings of a folder: `NAME.sse` are the bytes, `NAME.json`, which may be missing, tells their timing and
 * what they answered. A call gets the recording of the same body, else of the same question (whatever the model and the
 * size asked for), else the next answer of its protocol. Several take turns, in order of names; one whose reader left before
 * its end is the last choice, and breaks off there. The folder is read at each call, so that new recordings count at once.
 *
 * @example
 * import { createFakeUpstream, replay } from 'nuxt-llm-stream/testing'
 *
 * const upstream = createFakeUpstream({ respond: replay('.llm-stream', { speed: 4 }) })
 */
export function replay(folder: string, { speed = 1 }: ReplayOptions = {}): Respond {
  const turns = new Map<string, number>()

  function nextInTurn([group, tapes]: [group: string, tapes: readonly Tape[]]): Tape {
    const turn = turns.get(group) ?? 0
    turns.set(group, turn + 1)
    const known = tapes.filter(({ ending }) => ending !== 'left')
    const choice = known.length > 0 ? known : tapes
    return choice[turn % choice.length]!
  }

  return async ({ protocol, stream, body }) => {
    const tapes = (await readTapes(folder)).filter(tape => tape.protocol === protocol)
    const exact = canonical(body)
    const question = canonical(toQuestion(body))
    const groups: [group: string, tapes: Tape[]][] = [
      [`body ${exact}`, tapes.filter(({ request }) => canonical(request) === exact)],
      [`question ${question}`, tapes.filter(({ request }) => canonical(toQuestion(request)) === question)],
      [`any ${protocol} ${stream}`, tapes.filter(({ status, contentType }) => status === 200 && contentType.includes('event-stream') === stream)],
    ]
    const found = groups.find(([, some]) => some.length > 0)
    if (found) return play(nextInTurn(found), speed)
    const kind = stream ? 'stream' : 'whole answer'
    return { status: 404, error: { message: `No recorded ${kind} of protocol ${protocol ?? 'none'} is in ${folder}. Record one first.` } }
  }
}

function play({ status, contentType, bytes, chunks, ending = 'whole' }: Tape, speed: number): HttpAnswer {
  return { status, headers: { 'content-type': contentType }, body: toSteps(bytes, { chunks, ending }, speed) }
}

function* toSteps(bytes: Uint8Array, { chunks, ending }: Pick<Tape, 'chunks' | 'ending'>, speed: number): Generator<BodyStep> {
  let start = 0
  let time = 0
  for (const chunk of chunks) {
    const ms = (chunk.ms - time) / speed
    if (ms > 0) yield { do: 'wait', ms }
    yield bytes.subarray(start, start + chunk.bytes)
    start += chunk.bytes
    time = chunk.ms
  }
  if (start < bytes.byteLength) yield bytes.subarray(start)
  if (ending !== 'whole') yield { do: 'cut' }
}

async function readTapes(folder: string): Promise<Tape[]> {
  const { readdir } = await import('node:fs/promises')
  const files = new Set(await readdir(folder).catch(() => [])) // a folder that is not there yet has no recordings
  const names = [...files].filter(file => file.endsWith('.sse')).map(file => file.slice(0, -'.sse'.length)).sort()
  return Promise.all(names.map(name => readTape(folder, name, files.has(`${name}.json`))))
}

async function readTape(folder: string, name: string, described: boolean): Promise<Tape> {
  const { readFile } = await import('node:fs/promises')
  const bytes = await readFile(`${folder}/${name}.sse`)
  const recording: Recording = described
    ? JSON.parse(await readFile(`${folder}/${name}.json`, 'utf8'))
    : { upstream: '', protocol: guessProtocol(bytes.toString()), request: undefined, status: 200, contentType: 'text/event-stream', chunks: [] }
  return { ...recording, name, bytes }
}

function guessProtocol(text: string): ProtocolName {
  if (/^event: ?response\./m.test(text)) return 'responses'
  return /^event: ?message_start/m.test(text) ? 'messages' : 'chat'
}

/** What is asked, without what the relay words differently for each provider. */
function toQuestion(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body
  return { ...body, model: undefined, max_tokens: undefined, max_completion_tokens: undefined, stream_options: undefined }
}

/** JSON with its keys in order: the same request, however it was written. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => a < b ? -1 : 1))
      : field)
}
