import { request } from 'node:http'
import { requestBody } from '../lib/scenario.mjs'

/**
 * One request to the relay on a connection of its own. Settles with what came: the status, the text, whether the body came to its
 * proper end. `onText` sees the response as text arrives, and may pause or destroy it.
 */
export function ask(url, { path = '/chat/completions', method = 'POST', headers = {}, scenario, onText } = {}) {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const answer = { status: 0, headers: {}, text: '', whole: false, ms: 0 }
    const settle = () => {
      answer.ms = performance.now() - startedAt
      resolve(answer)
    }
    const body = scenario && requestBody(scenario)
    const call = request(`${url}/api/llm${path}`, {
      method, agent: false,
      headers: { 'x-requested-with': 'nuxt-llm-stream', ...(body && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }), ...headers },
    }, (response) => {
      Object.assign(answer, { status: response.statusCode, headers: response.headers })
      response.setEncoding('latin1')
      response.on('data', (text) => {
        answer.text += text
        onText?.(response, answer)
      })
      response.on('end', () => { answer.whole = true })
      response.on('error', () => {}) // `close` follows, and says it all
      response.on('close', settle)
    })
    call.on('error', settle)
    call.end(body)
  })
}

/** A stream that is read for as long as it goes on; `opened` settles with its status, or 0. */
export function hold(url, scenario) {
  const opened = Promise.withResolvers()
  let response
  const done = ask(url, { scenario, onText(given, answer) {
    response = given
    answer.text = ''
    opened.resolve(answer.status)
  } })
  done.then(({ status }) => opened.resolve(status))
  return { opened: opened.promise, done, leave: () => response?.destroy() }
}
