import type { H3Event } from 'h3'
import { createError, defineEventHandler, getMethod, getRequestHeader, sendRedirect, setResponseHeaders } from 'h3'
import { useRuntimeConfig, useStorage } from 'nitropack/runtime'
import { describeRun, summariseRun } from './describe-run'
import { isOwnPage } from './own-page'
import { currentRuns } from './runs'

/** Files of the tab, by the path that they are asked for by. */
const FILES: Record<string, { name: string, type: string }> = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/app.js': { name: 'app.js', type: 'text/javascript; charset=utf-8' },
  '/dom.js': { name: 'dom.js', type: 'text/javascript; charset=utf-8' },
  '/view.js': { name: 'view.js', type: 'text/javascript; charset=utf-8' },
  '/icon.svg': { name: 'icon.svg', type: 'image/svg+xml' },
  '/style.css': { name: 'style.css', type: 'text/css; charset=utf-8' },
}

const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': 'default-src \'none\'; script-src \'self\'; style-src \'self\'; connect-src \'self\'; img-src data:; frame-ancestors \'self\'; base-uri \'none\'; form-action \'none\'',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** The tab in Nuxt DevTools: its files, and the last runs as JSON. For pages of this development server only: it shows prompts. */
export default defineEventHandler(async (event) => {
  if (!isOwnPage(name => getRequestHeader(event, name))) {
    throw createError({ statusCode: 403, statusMessage: 'The runs are shown to pages of this development server on this machine only.' })
  }
  setResponseHeaders(event, HEADERS)
  const [page = ''] = event.path.split('?', 1)
  const path = page.replace(/^\/[^/]+/, '')
  if (path === '') return sendRedirect(event, `.${page}/`) // its own addresses are relative to the slash
  const file = FILES[path]
  if (file) {
    setResponseHeaders(event, { 'content-type': file.type })
    return await useStorage('assets:llm-stream').getItemRaw(file.name)
  }
  return answer(event, path)
})

async function answer(event: H3Event, path: string): Promise<unknown> {
  const list = currentRuns()
  if (path === '/runs') {
    if (getMethod(event) === 'DELETE') list?.clear()
    return { runs: list?.all.map(run => summariseRun(run, list.redact)) ?? [], recording: useRuntimeConfig().llmStream.record }
  }
  const [, id, part] = /^\/runs\/([\w-]+)(\/input)?$/.exec(path) ?? []
  const run = list?.all.find(run => run.id === id)
  if (!list || !run) throw createError({ statusCode: 404, statusMessage: 'There is no such run, or it is no longer kept.' })
  if (part === undefined) return describeRun(run, list.redact)
  setResponseHeaders(event, { 'content-type': 'application/json' })
  return run.input ? list.redact.bytes(run.input) : ''
}
