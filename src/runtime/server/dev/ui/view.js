import { formatBytes, formatJson, formatMs, h, prettify } from './dom.js'

const OUTCOMES = {
  'complete': 'good', 'tool-calls': 'good', 'length': 'fair', 'content-filter': 'fair', 'stopped': 'fair', 'truncated': 'bad', 'failed': 'bad',
}

/** Events that are shown at once; a long answer has thousands. */
const SHOWN_EVENTS = 1000

export function renderRow(run, selected, select) {
  return h('button', { 'type': 'button', 'class': 'row', 'data-id': run.id, 'aria-current': selected ? 'true' : undefined, 'onclick': () => select(run.id) },
    h('span', { class: `dot ${toneOf(run)}` }),
    h('span', { class: 'question' }, run.question || h('i', {}, 'no question')),
    h('time', { class: 'muted', datetime: new Date(run.startedAt).toISOString() }, new Date(run.startedAt).toLocaleTimeString()),
    h('span', { class: 'muted line' }, [run.model, run.upstream].filter(Boolean).join(' · ') || run.reason),
    h('span', { class: 'muted' }, run.running ? 'running' : formatMs(run.timings.totalMs)),
  )
}

export function renderEmpty() {
  return h('div', { class: 'empty' },
    h('p', {}, 'No runs yet.'),
    h('p', { class: 'muted' }, 'Ask something in your app: each request to the relay appears here, with what went upstream and what came back.'),
  )
}

/** The head of a run: what it was, how it went, how long it took. */
export function renderHead(run, { back, again }) {
  const { timings } = run
  const usage = run.attempts > 0 ? run.usage : undefined
  const seconds = ((timings.totalMs ?? 0) - (timings.firstEventMs ?? 0)) / 1000
  const pace = usage && !usage.estimated && timings.firstEventMs !== undefined && seconds > 0 ? Math.round(usage.outputTokens / seconds) : undefined
  const tokens = n => `${usage.estimated ? '≈ ' : ''}${n.toLocaleString()}`
  return h('div', { class: 'head' },
    h('button', { type: 'button', id: 'back', class: 'back quiet', onclick: back }, '← All runs'),
    h('div', { class: 'title' },
      h('h2', {}, run.question || run.path),
      h('button', { type: 'button', id: 'again', class: 'primary', onclick: again, disabled: run.input === undefined }, 'Run again'),
    ),
    h('p', { class: 'verdict' },
      h('span', { class: `badge ${toneOf(run)}` }, run.running ? 'running' : run.outcome ?? 'ended'),
      run.reason && h('code', {}, run.reason),
      run.message && h('span', {}, run.message),
    ),
    !run.running && renderTimeline(timings, toneOf(run)),
    h('dl', { class: 'facts' },
      fact('Upstream', run.provider ? `${run.upstream} (${run.provider})` : run.upstream),
      fact('Protocol', run.protocol),
      fact('Model', run.model),
      fact('Status', run.status),
      fact('Attempts', run.attempts),
      fact('Received', formatBytes(run.bytes)),
      usage && fact('Input tokens', tokens(usage.inputTokens)),
      usage && fact('Output tokens', tokens(usage.outputTokens)),
      pace && fact('Tokens a second', pace),
    ),
  )
}

function fact(name, value) {
  return value !== undefined && h('div', {}, h('dt', {}, name), h('dd', {}, String(value)))
}

/** What the time went by with, to scale. */
function renderTimeline({ authorizeMs = 0, firstByteMs, firstEventMs, totalMs }, tone) {
  if (totalMs === undefined) return
  const marks = [['Authorized', authorizeMs, 'a'], ['First byte', firstByteMs, 'b'], ['First event', firstEventMs, 'c'], ['End', totalMs, `d ${tone}`]].filter(([, ms]) => ms !== undefined)
  let before = 0
  return h('div', { class: 'timeline' },
    h('div', { 'class': 'track', 'aria-hidden': 'true' }, marks.map(([, ms, name]) => {
      const part = h('span', { class: name })
      part.style.setProperty('flex-grow', Math.max(0, ms - before) / (totalMs || 1))
      before = ms
      return part
    })),
    h('ul', {}, marks.map(([label, ms, name]) => h('li', {}, h('span', { class: `key ${name}` }), `${label} `, h('b', {}, formatMs(ms))))),
  )
}

/** The panels of one attempt, by the names of their tabs. */
export function panelsOf(run, call) {
  const panels = {}
  if (call) {
    panels.Answer = () => renderAnswer(call)
    panels.Events = () => renderEvents(call)
    panels['Upstream request'] = () => renderRequest(call)
  }
  panels['App request'] = () => h('div', {}, code(`POST ${run.path}`), code(run.input === undefined ? 'The body was not read: the request was refused before that.' : formatJson(run.input)))
  return panels
}

function renderAnswer({ answer, text, ending, error, status }) {
  return h('div', { class: 'answer' },
    answer.reasoning && h('details', { open: !answer.text }, h('summary', {}, 'Reasoning'), h('p', { class: 'prose muted' }, answer.reasoning)),
    answer.text && h('p', { class: 'prose' }, answer.text),
    answer.refusal && h('p', { class: 'prose' }, answer.refusal),
    answer.toolCalls.map(call => h('div', { class: 'call' }, h('p', {}, 'Calls ', h('code', {}, call.name)), code(prettify(call.arguments)))),
    !answer.text && !answer.refusal && answer.toolCalls.length === 0 && (text
      ? code(prettify(text))
      : h('p', { class: 'muted' }, status === undefined ? (ending ? 'The upstream was not reached.' : 'Waiting for the upstream …') : 'Nothing to show yet.')),
    ending === 'broken' && h('p', { class: 'note bad' }, `The connection broke here${error ? ` (${error})` : ''}.`),
    ending === 'left' && h('p', { class: 'note fair' }, 'The reader left here, so the upstream was stopped.'),
  )
}

function renderEvents(call) {
  if (call.events.length === 0) return h('p', { class: 'muted' }, call.ending ? 'This answer is no event stream.' : 'None yet.')
  const list = h('ol', { class: 'events' })
  appendEvents(list, call)
  return list
}

/** Adds what the list does not have yet: those that are open stay open. */
export function appendEvents(list, { events, bytes, keptBytes, ending }) {
  for (let index = list.querySelectorAll('details').length; index < Math.min(events.length, SHOWN_EVENTS); index++) list.append(renderEvent(events[index]))
  const missing = events.length - SHOWN_EVENTS
  const lost = ending && bytes > keptBytes
  if (list.querySelector('.more') || (missing <= 0 && !lost)) return
  list.append(h('li', { class: 'more muted' }, missing > 0 ? `${missing} more events are not shown. ` : '', lost ? `Of ${formatBytes(bytes)} the first ${formatBytes(keptBytes)} are kept.` : ''))
}

function renderEvent({ ms, event, data }) {
  const details = h('details', {}, h('summary', {}, h('span', { class: 'ms' }, `+${formatMs(ms)}`), event && h('span', { class: 'name' }, event), h('span', { class: 'data' }, preview(data, event))))
  details.addEventListener('toggle', () => details.append(code(prettify(data))), { once: true })
  return h('li', {}, details)
}

/** What is the same in every event of an answer. */
const ENVELOPE = new Set(['id', 'object', 'created', 'model', 'system_fingerprint', 'service_tier', 'sequence_number', 'item_id', 'output_index', 'content_index'])

/** An event in a line: what it says, without its envelope. */
function preview(data, event) {
  try {
    const said = Object.entries(JSON.parse(data)).filter(([key, value]) => !ENVELOPE.has(key) && !(key === 'type' && value === event))
    return said.length > 0 ? JSON.stringify(Object.fromEntries(said)) : data
  }
  catch {
    return data
  }
}

function renderRequest({ url, headers, body }) {
  return h('div', {},
    code(`POST ${url}\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join('\n')}`),
    code(formatJson(body)),
  )
}

function code(text) {
  return h('pre', { tabindex: '0' }, h('code', {}, text))
}

function toneOf({ running, outcome }) {
  return running ? 'live' : OUTCOMES[outcome] ?? 'fair'
}
