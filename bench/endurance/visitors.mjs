import { ask } from './client.mjs'
import { pause } from './start.mjs'

const SCENARIO = { events: 30, perSecond: 5 }

/** What visitors do, and what they must get for it. Each settles with a complaint, or with nothing. */
export const VISITORS = {
  async read(url) {
    return complaint(await ask(url, { scenario: SCENARIO }))
  },

  /** Leaves in the middle, and asks anew at once. */
  async leave(url) {
    const after = 1 + Math.floor(Math.random() * 20)
    await ask(url, { scenario: SCENARIO, onText: (response, { text }) => { if (eventsOf(text) >= after) response.destroy() } })
    return complaint(await ask(url, { scenario: { events: 5, perSecond: 5 } }))
  },

  /** Takes nothing for a while, then all. */
  async stall(url) {
    let stalled = false
    return complaint(await ask(url, { scenario: { ...SCENARIO, pad: 4000 }, onText(response) {
      if (stalled) return
      stalled = true
      response.pause()
      setTimeout(() => response.resume(), 2000 + Math.random() * 3000)
    } }))
  },

  /** Goes before the first byte. */
  async hasty(url) {
    await ask(url, { scenario: { events: 2, perSecond: 0.5 }, onText: response => response.destroy() })
  },

  /** Loses its connection, comes back to the same run and reads the rest. */
  async return(url) {
    const first = await ask(url, { scenario: SCENARIO, headers: { 'x-stream-resumable': '1' }, onText: (response, { text }) => { if (eventsOf(text) >= 10) response.destroy() } })
    if (first.status !== 200) return complaint(first)
    await pause(Math.random() * 1500)
    const last = /id: (\d+)\n(?![\s\S]*id: )/.exec(first.text.slice(0, first.text.lastIndexOf('\n\n') + 2))?.[1] ?? '0'
    const cookie = first.headers['set-cookie']?.map(value => value.split(';', 1)[0]).join('; ')
    const rest = await ask(url, { method: 'GET', path: `/streams/${first.headers['x-stream-id']}`, headers: { 'last-event-id': last, ...(cookie && { cookie }) } })
    return complaint(rest)
  },

  /** Leaves a run that could be resumed, for good. */
  async abandon(url) {
    await ask(url, { scenario: SCENARIO, headers: { 'x-stream-resumable': '1' }, onText: (response, { text }) => { if (eventsOf(text) >= 5) response.destroy() } })
  },
}

function complaint({ status, text, whole }) {
  if (status !== 200) return `status ${status}: ${text.slice(0, 200)}`
  if (!whole) return 'an answer that broke off'
  if (!text.includes('[DONE]')) return `an answer that ended with ${/"code":"(\w+)"/.exec(text)?.[1] ?? 'nothing'}`
}

function eventsOf(text) {
  return text.split('\n\n').length - 1
}
