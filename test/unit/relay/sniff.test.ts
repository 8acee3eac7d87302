import { describe, expect, it } from 'vitest'
import type { Findings } from '../../../src/runtime/server/relay/findings'
import { createFrameScanner } from '../../../src/runtime/server/relay/frames'
import { Sniffer } from '../../../src/runtime/server/relay/sniff'
import { collectStream } from '../../../src/runtime/shared/read-stream'
import type { ProtocolName } from '../../../src/runtime/shared/wire'
import { PROTOCOL_NAMES } from '../../../src/runtime/shared/wire'
import { doneEndings, toDoneStream } from '../../contracts/done-endings'
import type { WireFixture } from '../../contracts/fixtures'
import { framingFixtures, streamFixtures } from '../../contracts/fixtures'
import { beforeTerminal, BOM, bodyOf, cutAt, everyByte, withLineEnds } from '../../contracts/wire-bytes'

const LINE_ENDS = ['\n', '\r\n', '\r']

interface Seen {
  /** What goes on to the client. */
  forwarded: string
  /** What ended the reading. */
  end: 'terminal' | 'error' | 'body'
  findings: Findings
}

/** Scanner and sniffer as the pump drives them. */
function relay(protocol: ProtocolName, chunks: Iterable<Uint8Array>): Seen {
  const sniffer = new Sniffer(protocol)
  let forwarded = ''
  let end: Seen['end'] = 'body'
  const scanner = createFrameScanner({
    frame(frame) {
      const verdict = sniffer.judge(frame)
      if (verdict !== 'error') forwarded += new TextDecoder('utf-8', { ignoreBOM: true }).decode(frame.bytes.subarray(frame.start, frame.end))
      if (verdict === 'terminal' || verdict === 'error') end = verdict
      return end === 'body'
    },
  }, 1024 * 1024)
  for (const chunk of chunks) scanner.push(chunk)
  scanner.end()
  return { forwarded, end, findings: { ...sniffer.findings } }
}

describe.each(PROTOCOL_NAMES)('the relay reads %s', (protocol) => {
  const fixtures = streamFixtures(protocol)

  it.each(fixtures)('$name the same wherever it is cut, with any line ends', ({ bytes }) => {
    const whole = relay(protocol, [bytes])
    for (const lineEnd of LINE_ENDS) {
      const spelled = withLineEnds(bytes, lineEnd)
      expect(relay(protocol, everyByte(spelled))).toEqual(whole)
      expect(relay(protocol, [BOM, spelled])).toEqual(whole)
      for (let at = 1; at < spelled.length; at += 7) expect(relay(protocol, cutAt(spelled, [at]))).toEqual(whole)
    }
  })

  it.each(fixtures.filter(({ expected }) => !expected.error))('$name and knows its outcome and usage', ({ bytes, expected }) => {
    const { findings } = relay(protocol, [bytes])
    expect(findings).toMatchObject({ proven: true, outcome: expected.outcome, error: undefined })
    if (expected.usage) expect(findings.usage).toMatchObject(expected.usage)
    else expect(findings.usage).toBeNull()
  })

  it.each(fixtures.filter(({ expected }) => !expected.error))('$name, and the client reads what it forwards as it reads the original', async ({ bytes }) => {
    const { forwarded } = relay(protocol, [bytes])
    const read = (source: Uint8Array) => collectStream(bodyOf([source]), { protocol })
    expect(await read(new TextEncoder().encode(forwarded))).toEqual(await read(bytes))
  })

  it.each(fixtures.filter(isUpstreamFailure))('$name and sees the error, without its words', ({ bytes, expected }) => {
    const { end, findings, forwarded } = relay(protocol, [bytes])
    expect(end).toBe('error')
    expect(findings.error).toMatchObject({ code: expected.error!.code, retryable: expected.error!.retryable })
    expect(findings.error!.message).not.toContain(expected.error!.message)
    expect(forwarded).not.toContain(expected.error!.message)
  })

  it.each(fixtures.filter(({ expected }) => expected.outcome === 'truncated'))('$name and knows that it is not whole', ({ bytes }) => {
    expect(relay(protocol, [bytes]).findings.proven).toBe(false)
  })

  it.each(fixtures.filter(({ expected }) => !expected.error))('$name without its terminal, and knows whether it is whole', async ({ bytes }) => {
    const cut = beforeTerminal(bytes)
    const { outcome } = await collectStream(bodyOf([cut]), { protocol })
    const { findings } = relay(protocol, [cut])
    expect(findings.proven).toBe(outcome !== 'truncated')
    if (findings.proven) expect(findings.outcome).toBe(outcome)
  })
})

it.each(doneEndings)('the relay takes [DONE] after $title of $protocol for $outcome', (ending) => {
  expect(relay(ending.protocol, [toDoneStream(ending)])).toMatchObject({ end: 'terminal', findings: { proven: true, outcome: ending.outcome } })
})

it.each(framingFixtures())('forwards the messages of $name and nothing else', ({ bytes, messages }) => {
  for (const lineEnd of LINE_ENDS) {
    const seen: string[] = []
    const scanner = createFrameScanner({
      frame({ bytes, start, end, dataLines, errorField }) {
        if (errorField) seen.push(`data: ${new TextDecoder().decode(errorField)}`)
        if (dataLines > 0) seen.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end)))
        return true
      },
    }, 1024 * 1024)
    for (const chunk of everyByte(withLineEnds(bytes, lineEnd))) scanner.push(chunk)
    scanner.end()
    const data = seen.map(frame => frame.split('\n').filter(line => line.startsWith('data')).map(line => line.replace(/^data:? ?/, '')).join('\n'))
    expect(data).toEqual(messages.map(message => message.data))
  }
})

/** The client's own discoveries, such as broken JSON, are not the relay's. */
function isUpstreamFailure({ expected: { error, events } }: WireFixture): boolean {
  return error !== null && /^upstream_(?!truncated)/.test(error.code) && events.length > 0
}

it.each<[string, ProtocolName, (index: number) => string]>([
  ['choices', 'chat', index => `{"choices":[{"index":${index},"finish_reason":"stop"}]}`],
  ['kinds of usage', 'messages', index => `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5,"k${index}":1}}`],
])('reads an answer of 100 000 %s in one go', (_, protocol, data) => {
  const bytes = new TextEncoder().encode(Array.from({ length: 100_000 }, (_, index) => `data: ${data(index)}\n\n`).join(''))
  expect(relay(protocol, cutAt(bytes, [bytes.length / 2])).findings).toMatchObject({ proven: true, outcome: 'complete' })
})
