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
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [upstream.url, JSON.stringify(env)], { execArgv: ['--expose-gc'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const next = () => new Promise((resolve, reject) => {
    const ended = code => reject(new Error(`The server ended with ${code}.`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
  const { port } = await next()
  return {
    url: `http://127.0.0.1:${port}`,
    upstream,
    /** What the server holds, after a collection, and how late its event loop was since the last question. */
    async look() {
      const answer = next()
      child.send({})
      return answer
    },
    stop() {
      child.kill('SIGKILL')
      upstream.close()
    },
  }
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
