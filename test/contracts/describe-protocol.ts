import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAccumulator } from '../../src/runtime/shared/accumulator'
import type { StreamEvent } from '../../src/runtime/shared/events'
import { createDecoder } from '../../src/runtime/shared/protocols/decoder'
import type { Protocol } from '../../src/runtime/shared/protocols/protocol'
import { collectStream, readStream } from '../../src/runtime/shared/read-stream'
import { toResult } from '../../src/runtime/shared/result'
import { createSseReader } from '../../src/runtime/shared/sse'
import type { SseMessage } from '../../src/runtime/shared/sse'
import { initialState, reduceStream } from '../../src/runtime/shared/state'
import { DONE } from '../../src/runtime/shared/wire'
import type { ExpectedAnswer } from './fixtures'
import { streamFixtures, toExpected, wholeFixtures } from './fixtures'
import { BOM, beforeTerminal, bodyOf, cutAt, everyByte, withLineEnds } from './wire-bytes'

const LF = 0x0A
const LINE_ENDS = ['\n', '\r\n', '\r']

/**
 * What every protocol must do with each of its fixtures: come to the expected events and result, however the bytes are cut
 * and whatever ends their lines, and know an answer that broke off.
 */
export function describeProtocol(protocol: Protocol): void {
  const { name } = protocol
  const streams = streamFixtures(name)
  const wholes = wholeFixtures(name)

  describe(`protocol ${name}`, () => {
    it.each([...streams, ...wholes])('gives the events and the result of $name', async ({ bytes, expected }) => {
      const events: StreamEvent[] = []
      for await (const event of readStream(bodyOf([bytes]), { protocol: name })) events.push(event)
      const result = await collectStream(bodyOf(everyByte(bytes)), { protocol: name })
      expect(toExpected(name, result, events)).toEqual(expected)
    })

    it.each(streams)('reads $name byte by byte, with any line ends, and after a BOM', ({ bytes, expected }) => {
      for (const lineEnd of LINE_ENDS) {
        const spelled = withLineEnds(bytes, lineEnd)
        expect(decode(protocol, everyByte(spelled))).toEqual(expected)
        expect(decode(protocol, [BOM, spelled])).toEqual(expected)
      }
    })

    it.each(streams)('reads $name in any pieces', ({ bytes, expected }) => {
      const places = fc.array(fc.nat(bytes.length * 2), { maxLength: 12 })
      fc.assert(fc.property(places, fc.constantFrom(...LINE_ENDS), (places, lineEnd) => {
        expect(decode(protocol, cutAt(withLineEnds(bytes, lineEnd), places))).toEqual(expected)
      }), { numRuns: 10 })
    })

    it.each(streams)('loses no message of $name, and emits one end, as the last event', ({ bytes }) => {
      const events: StreamEvent[] = []
      const decoder = createDecoder(protocol, event => events.push(event))
      const silent = messagesOf(bytes).filter((message) => {
        const before = events.length
        const counts = !decoder.ended && message.data !== ''
        decoder.message(message)
        return counts && events.length === before
      })
      decoder.end()
      expect(silent).toEqual([])
      expect(events.filter(({ type }) => type === 'end')).toHaveLength(1)
      expect(events.at(-1)).toHaveProperty('type', 'end')
    })

    it.each(streams)('keeps with each event of $name the message that it was decoded from', ({ bytes }) => {
      let message: SseMessage
      const decoder = createDecoder(protocol, ({ type, raw }) => {
        if (type !== 'end' && message.data !== DONE) expect(raw).toEqual(JSON.parse(message.data))
      })
      for (message of messagesOf(bytes)) decoder.message(message)
    })

    it.each([...streams, ...wholes])('numbers the parts of $name without gaps, and touches none that is closed', ({ expected }) => {
      const parts = new Map<number, number>()
      const closed = new Set<string>()
      for (const event of expected.events as StreamEvent[]) {
        if (!('part' in event)) continue
        const { part, choice = 0 } = event
        const count = parts.get(choice) ?? 0
        expect(part).toBeLessThanOrEqual(count)
        expect(closed).not.toContain(`${choice}/${part}`)
        parts.set(choice, Math.max(count, part + 1))
        if (event.type.endsWith('-end')) closed.add(`${choice}/${part}`)
      }
    })

    it.each(streams)('comes to the same state of $name whether its deltas are joined or not', ({ bytes }) => {
      const accumulator = createAccumulator()
      let state = initialState()
      feed(protocol, [bytes], (event) => {
        accumulator.add(event)
        state = reduceStream(state, event)
      })
      expect(toResult(accumulator.state)).toEqual(toResult(state))
    })

    // A finish reason is taken for proof, so what comes behind one is not waited for.
    it.each(streams.filter(({ expected }) => !goesOn(expected.events)))('calls nothing of $name whole before all of its text is there, wherever the body ends', ({ bytes, expected }) => {
      for (const place of placesIn(bytes)) {
        const { outcome, text } = decode(protocol, [bytes.subarray(0, place)])
        if (!['truncated', 'failed', 'stopped'].includes(outcome)) expect(text, `cut at ${place}`).toBe(expected.text)
      }
    })

    it.each(streams.filter(({ expected: { outcome } }) => !['truncated', 'failed', 'stopped'].includes(outcome)))(
      'knows whether $name is whole without its terminal', ({ bytes, expected }) => {
        const cut = decode(protocol, [beforeTerminal(bytes)])
        const reasons = new Set(cut.events.filter(({ type }) => type === 'finish').map(event => (event as { choice?: number }).choice))
        const proven = name !== 'responses' && reasons.size === 1 + (expected.choices?.length ?? 0)
        expect(cut.outcome).toBe(proven ? expected.outcome : 'truncated')
        expect(expected.text).toContain(cut.text)
      })
  })
}

/** Whether something comes behind a finish reason. */
function goesOn(events: readonly { type: string }[]): boolean {
  const finish = events.findIndex(({ type }) => type === 'finish')
  return finish !== -1 && events.slice(finish).some(event => 'part' in event)
}

/** Every byte; of a long body, which costs its length each time, those around the end of each frame. */
function placesIn(bytes: Uint8Array): number[] {
  const all = Array.from(bytes, (_, place) => place)
  return bytes.length < 800 ? all : all.filter(place => [0, 1, 2].some(before => bytes[place - before] === LF && bytes[place - before - 1] === LF))
}

/** What a body comes to that arrives in these chunks. */
function decode(protocol: Protocol, chunks: Iterable<Uint8Array>): ExpectedAnswer {
  const accumulator = createAccumulator()
  const events: StreamEvent[] = []
  feed(protocol, chunks, (event) => {
    accumulator.add(event)
    events.push(event)
  })
  return toExpected(protocol.name, toResult(accumulator.state), events)
}

function feed(protocol: Protocol, chunks: Iterable<Uint8Array>, emit: (event: StreamEvent) => void): void {
  const decoder = createDecoder(protocol, emit)
  const reader = createSseReader(decoder.message)
  for (const chunk of chunks) reader.push(chunk)
  reader.end()
  decoder.end()
}

function messagesOf(bytes: Uint8Array): SseMessage[] {
  const messages: SseMessage[] = []
  const reader = createSseReader(message => messages.push(message))
  reader.push(bytes)
  reader.end()
  return messages
}
