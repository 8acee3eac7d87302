import { flushPromises } from '@vue/test-utils'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { effectScope } from 'vue'
import { useConversation } from '../../src/runtime/app'
import { createLiveFetch } from '../support/live-fetch'
import type { LiveCall } from '../support/live-fetch'

const CONCURRENCY = ['replace', 'queue', 'reject'] as const
/** What an app, its user and the upstream may do, and a moment in which nobody does anything. */
const STEPS = [
  'send', 'send', 'edit', 'regenerate', 'answer', 'approve', 'stop', 'clear', 'shorten', 'resume', 'disconnect',
  'text', 'whole', 'calls', 'calls', 'broken', 'cut', 'wait', 'wait',
] as const

type Step = typeof STEPS[number]

function converse(concurrency: typeof CONCURRENCY[number]) {
  const { fetch, calls } = createLiveFetch()
  const scope = effectScope()
  const chat = scope.run(() => useConversation({
    fetch, concurrency, publish: 'sync', maxSteps: 3,
    tools: { plain: { execute: () => 'done' }, asked: { approval: true, execute: () => 'done' }, manual: {} },
  }))!
  const answered = new Set<LiveCall>()
  const waiting = () => calls.filter(call => !answered.has(call) && !call.cancelled)
  let begun = 0
  let settled = 0

  function begin(verb: Promise<unknown>): void {
    begun++
    void verb.then(() => { settled++ })
  }

  function end(call: LiveCall, how: () => void): void {
    answered.add(call)
    how()
  }

  function callTools(call: LiveCall): void {
    const tool_calls = ['plain', 'asked', 'manual'].map((name, index) => ({ index, id: `${name}-${calls.length}`, function: { name, arguments: '{}' } }))
    call.emit({ choices: [{ index: 0, delta: { tool_calls }, finish_reason: 'tool_calls' }] })
    call.end()
  }

  async function play(step: Step): Promise<void> {
    const messages = chat.messages.value
    const callIds = messages.flatMap(({ parts }) => parts).flatMap(part => 'toolCallId' in part ? [part.toolCallId] : [])
    const call = waiting()[0]
    switch (step) {
      case 'send': return begin(chat.send('More?'))
      case 'edit': return begin(chat.edit(messages.findLast(({ role }) => role === 'user')?.id ?? '', 'Other?'))
      case 'regenerate': return begin(chat.regenerate())
      case 'answer': return callIds.forEach(id => begin(chat.addToolResult(id, 'answer')))
      case 'approve': return callIds.forEach(id => begin(chat.approve(id, true)))
      case 'stop': return chat.stop()
      case 'clear': return chat.clear()
      case 'shorten': return chat.setMessages(messages.slice(0, -1))
      case 'resume': return begin(chat.resume())
      case 'disconnect': return chat.disconnect()
      case 'text': return call?.emit('text')
      case 'whole': return call && end(call, call.finish)
      case 'calls': return call && end(call, () => callTools(call))
      case 'broken': return call && end(call, call.fail)
      case 'cut': return call && end(call, () => {
        call.head()
        call.end()
      })
      case 'wait': await flushPromises()
    }
  }

  /** Answers what is still asked, until nothing is. */
  async function finish(): Promise<void> {
    await flushPromises()
    while (waiting().length > 0) {
      await play('whole')
      await flushPromises()
    }
  }

  return { chat, scope, play, finish, requests: () => waiting().length, unsettled: () => begun - settled }
}

it('settles every verb and every message, whatever is done in whichever order', async () => {
  vi.spyOn(console, 'warn').mockReturnValue() // `maxSteps`
  await fc.assert(fc.asyncProperty(fc.constantFrom(...CONCURRENCY), fc.array(fc.constantFrom(...STEPS), { maxLength: 24, size: 'max' }), async (concurrency, steps) => {
    const { chat, scope, play, finish, requests, unsettled } = converse(concurrency)
    for (const step of steps) {
      await play(step)
      expect(requests()).toBeLessThanOrEqual(1)
    }
    await finish()
    expect(unsettled()).toBe(0)
    expect(chat.status.value).toMatch(/^(?:ready|error)$/)
    expect(chat.messages.value.filter(message => !Object.isFrozen(message))).toEqual([])
    scope.stop()
  }), { seed: 1, numRuns: 150 })
  vi.restoreAllMocks()
}, 60_000)
