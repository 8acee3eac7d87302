import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildApp } from '../lib/built.mjs'
import { startUpstream } from '../lib/upstream.mjs'

/** A built server in a process of its own, in front of a fake upstream in this one. `env` goes over the app's configuration. */
export async function start(env = {}) {
  if (!existsSync('/proc/self/fd')) throw new Error('These commands count open files in /proc, which only Linux has.')
  await buildApp()
  const upstream = await startUpstream()
  const child = run('server.mjs', [upstream.url, JSON.stringify(env)])
  const idle = run('idle.mjs')
  const { port } = await nextMessage(child)
  return {
    url: `http://127.0.0.1:${port}`,
    upstream,
    /**
     * What the server holds, after a collection, and how late its event loop was since the last question; `idleP99`: that of a
     * process that does nothing, on the same machine.
     */
    async look() {
      const [told, { delayP99 }] = await Promise.all([child, idle].map((process) => {
        const answer = nextMessage(process)
        process.send({})
        return answer
      }))
      return { ...told, idleP99: delayP99 }
    },
  }
}

function run(file, args = []) {
  return fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
}

function nextMessage(child) {
  return new Promise((resolve, reject) => {
    const ended = code => reject(new Error(`A process ended with ${code}.`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}

/** Waits until it is so, for at most `ms`; says whether it is. */
export async function until(condition, ms) {
  const end = performance.now() + ms
  while (!await condition()) {
    if (performance.now() > end) return false
    await pause(50)
  }
  return true
}

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

/** Prints what was found, each with what was asked of it, and ends the process: 1 when anything was violated. */
export function report(title, findings) {
  console.log(`\n${title}`)
  for (const { what, found, asked, ok } of findings) console.log(`${ok ? 'ok      ' : 'VIOLATED'}  ${what}: ${found}${asked === undefined ? '' : ` (asked: ${asked})`}`)
  process.exit(findings.every(({ ok }) => ok) ? 0 : 1)
}

/** Two findings that reports are made of. */
export const equal = (what, found, asked) => ({ what, found, asked, ok: found === asked })
export const below = (what, found, limit, unit = '') => ({ what, found: `${found.toFixed(2)} ${unit}`.trim(), asked: `< ${limit} ${unit}`.trim(), ok: found < limit })
