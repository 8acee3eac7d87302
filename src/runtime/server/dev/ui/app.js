import { h } from './dom.js'
import { appendEvents, panelsOf, renderEmpty, renderHead, renderRow } from './view.js'

const $ = id => document.getElementById(id)

/** Milliseconds between two looks at the server, while somebody looks at the tab. */
const PACE = 1000

let runs
let selected
let details
let tab = 'Answer'
/** Which attempt is shown; the last one unless somebody chose. */
let chosen

// Nuxt DevTools puts the class `dark` on a framed page; by itself the page goes by the system.
if (window.top !== window) document.documentElement.dataset.framed = ''

async function look() {
  try {
    if (!document.hidden) await refresh()
    document.body.removeAttribute('data-offline')
  }
  catch {
    document.body.dataset.offline = '' // the server restarts; what is shown stays
  }
  setTimeout(look, PACE)
}

async function refresh() {
  const { runs: next, recording } = await read('./runs')
  $('recording').hidden = !recording
  $('recording').textContent = recording ? 'Recording' : ''
  $('recording').title = recording
  if (differs(next, runs)) {
    runs = next
    showList()
  }
  const run = runs.find(({ id }) => id === selected)
  if (run && (run.running || !details || details.running)) await showRun()
}

function showList() {
  const focused = document.activeElement?.dataset?.id
  const list = $('list')
  const { scrollTop } = list
  $('count').textContent = runs.length === 1 ? '1 run' : `${runs.length} runs`
  $('clear').disabled = runs.length === 0
  list.replaceChildren(...runs.length > 0 ? runs.map(run => renderRow(run, run.id === selected, select)) : [renderEmpty()])
  list.scrollTop = scrollTop
  if (focused) list.querySelector(`[data-id="${focused}"]`)?.focus()
  if (!selected && runs.length > 0 && matchMedia('(min-width: 720px)').matches) select(runs[0].id)
}

function select(id) {
  selected = id
  details = undefined
  chosen = undefined
  document.body.toggleAttribute('data-open', id !== undefined)
  $('list').querySelector('[aria-current]')?.removeAttribute('aria-current')
  $('list').querySelector(`[data-id="${id}"]`)?.setAttribute('aria-current', 'true')
  if (id === undefined) $('list').querySelector('.row')?.focus()
  else showRun().catch(() => {}) // the server restarts, or has forgotten it: the next look tells
}

async function showRun() {
  const id = selected
  const next = await read(`./runs/${id}`)
  if (id !== selected || (details && !differs(next, details))) return
  details = next
  paint()
}

/** Shows the run that was read, in the tab that was chosen. */
function paint() {
  const index = chosen ?? details.calls.length - 1
  const call = details.calls[index]
  const panels = panelsOf(details, call)
  if (!panels[tab]) tab = Object.keys(panels)[0]

  // Events are added to those that are there, which may be open.
  const events = document.querySelector(`.events[data-of="${details.id}/${index}"]`)
  if (events && tab === 'Events') {
    appendEvents(events, call)
    $('details').querySelector('.head').replaceWith(renderHead(details, actions))
    return
  }
  const focused = document.activeElement?.id
  const panel = panels[tab]()
  if (tab === 'Events') panel.dataset.of = `${details.id}/${index}`
  $('details').replaceChildren(
    renderHead(details, actions),
    details.calls.length > 1 ? renderAttempts(details.calls.length, index) : '',
    renderTabs(Object.keys(panels)),
    h('div', { 'id': 'panel', 'role': 'tabpanel', 'aria-labelledby': tabId(tab) }, panel),
  )
  if (focused) $(focused)?.focus()
}

function tabId(name) {
  return `tab-${name.replace(' ', '-').toLowerCase()}`
}

function renderAttempts(count, current) {
  return h('div', { 'class': 'attempts', 'role': 'group', 'aria-label': 'Attempt' }, Array.from({ length: count }, (_, index) =>
    h('button', { 'type': 'button', 'aria-pressed': String(index === current), 'onclick': () => { chosen = index; paint() } }, `Attempt ${index + 1}`)))
}

function renderTabs(names) {
  const choose = (name) => {
    tab = name
    paint()
    $(tabId(name)).focus()
  }
  return h('div', {
    role: 'tablist',
    onkeydown(event) {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
      if (!step) return
      event.preventDefault()
      choose(names.at((names.indexOf(tab) + step) % names.length))
    },
  }, names.map(name => h('button', {
    'type': 'button', 'role': 'tab', 'id': tabId(name), 'aria-controls': 'panel', 'aria-selected': String(name === tab), 'tabindex': name === tab ? '0' : '-1', 'onclick': () => choose(name),
  }, name)))
}

const actions = {
  back: () => select(undefined),
  /** Asks the relay the same once more, as the app did: authorize and prepare run again, and it costs what it costs. */
  async again() {
    const { path } = details
    const body = await (await fetch(`./runs/${selected}/input`)).text()
    const before = runs[0]?.id
    const answer = fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', 'x-requested-with': 'nuxt-llm-stream' }, body })
    $('announcer').textContent = 'Asked again.'
    void answer.then(response => response.body?.pipeTo(new WritableStream())).catch(() => {}) // how it went is in the list
    for (let tries = 0; tries < 20 && runs[0]?.id === before; tries++) {
      await new Promise(resolve => setTimeout(resolve, 100))
      await refresh()
    }
    if (runs[0] && runs[0].id !== before) select(runs[0].id)
  },
}

$('clear').addEventListener('click', async () => {
  await read('./runs', { method: 'DELETE' })
  if (!runs.find(({ id, running }) => id === selected && running)) {
    select(undefined)
    $('details').replaceChildren()
  }
  await refresh()
})

$('list').addEventListener('keydown', (event) => {
  const rows = [...$('list').querySelectorAll('.row')]
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!step || rows.length === 0) return
  event.preventDefault()
  const next = rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(document.activeElement) + step))]
  next.focus()
  if (matchMedia('(min-width: 720px)').matches) select(next.dataset.id)
})

async function read(path, init) {
  const response = await fetch(path, init)
  if (!response.ok) throw new Error(`${path}: ${response.status}`)
  return response.json()
}

function differs(one, other) {
  return JSON.stringify(one) !== JSON.stringify(other)
}

void look()
