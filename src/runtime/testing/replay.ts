import type { RecordedChunk, Recording } from '../shared/recording'
import type { ProtocolName } from '../shared/wire'
import type { BodyStep, HttpAnswer } from './answer'
import type { RecordedCall } from './call'
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
 * what they answered. A call gets the recording of the same body, else the next one of its protocol, in order of names
 * and round again. The folder is read at each call, so that new recordings count at once.
 *
 * @example
 * import { createFakeUpstream, replay } from 'nuxt-llm-stream/testing'
 *
 * const upstream = createFakeUpstream({ respond: replay('.llm-stream', { speed: 4 }) })
 */
export function replay(folder: string, { speed = 1 }: ReplayOptions = {}): Respond {
  const turns = new Map<string, number>()

  function nextInTurn(tapes: Tape[], { protocol, stream }: RecordedCall): Tape | undefined {
    const fitting = tapes.filter(tape => tape.protocol === protocol && tape.contentType.includes('event-stream') === stream)
    const key = `${protocol} ${stream}`
    const turn = turns.get(key) ?? 0
    turns.set(key, turn + 1)
    return fitting[turn % fitting.length]
  }

  return async (call) => {
    const tapes = await readTapes(folder)
    const asked = canonical(call.body)
    const tape = tapes.find(({ protocol, request }) => protocol === call.protocol && canonical(request) === asked)
      ?? nextInTurn(tapes, call)
    if (tape) return play(tape, speed)
    const kind = call.stream ? 'stream' : 'whole answer'
    return { status: 404, error: { message: `No recorded ${kind} of protocol ${call.protocol ?? 'none'} is in ${folder}. Record one first.` } }
  }
}

function play({ status, contentType, bytes, chunks }: Tape, speed: number): HttpAnswer {
  return { status, headers: { 'content-type': contentType }, body: toSteps(bytes, chunks, speed) }
}

function* toSteps(bytes: Uint8Array, chunks: readonly RecordedChunk[], speed: number): Generator<BodyStep> {
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

/** JSON with its keys in order: the same request, however it was written. */
function canonical(value: unknown): string | undefined {
  return JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(Object.entries(field).sort(([a], [b]) => a < b ? -1 : 1))
      : field)
}
