import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One tab of a window: the last one opened is shown, the others are hidden. */
export interface Tab {
  /** Value of a JavaScript expression in the page. */
  evaluate: (expression: string) => Promise<unknown>
}

/**
 * A Chromium whose tabs can be hidden. Playwright keeps every page visible, so this one is driven by the DevTools protocol
 * itself. Whoever opens it closes it.
 */
export async function openTabs(executablePath: string): Promise<{ open: (url: string) => Promise<Tab>, close: () => Promise<void> }> {
  const profile = await mkdtemp(join(tmpdir(), 'tabs-'))
  const child = spawn(executablePath, [
    '--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking',
    '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank',
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  const host = await new Promise<string>((resolve, reject) => {
    let output = ''
    child.once('exit', () => reject(new Error(`Chromium ended before it listened:\n${output}`)))
    child.stderr.on('data', (bytes: Buffer) => {
      output += bytes
      const address = /DevTools listening on ws:\/\/([^/\s]+)/.exec(output)
      if (address) resolve(address[1]!)
    })
  })

  return {
    async open(url) {
      const response = await fetch(`http://${host}/json/new?${encodeURI(url)}`, { method: 'PUT' })
      const { webSocketDebuggerUrl } = await response.json() as { webSocketDebuggerUrl: string }
      return { evaluate: expression => evaluate(webSocketDebuggerUrl, expression) }
    },
    async close() {
      child.kill()
      await once(child, 'exit')
      await rm(profile, { recursive: true, maxRetries: 5 })
    },
  }
}

function evaluate(address: string, expression: string): Promise<unknown> {
  const socket = new WebSocket(address)
  return new Promise<unknown>((resolve, reject) => {
    socket.onerror = () => reject(new Error('The tab is gone.'))
    socket.onopen = () => socket.send(JSON.stringify({
      id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true, awaitPromise: true },
    }))
    socket.onmessage = ({ data }) => resolve((JSON.parse(String(data)) as { result: { result: { value: unknown } } }).result.result.value)
  }).finally(() => socket.close())
}
