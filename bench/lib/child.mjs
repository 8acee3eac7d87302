import { fork } from 'node:child_process'

/** A relay in a process of its own, which says how much it used when asked. */
export async function startRelay(file, upstreamUrl, args = []) {
  const child = fork(file, [upstreamUrl, ...args], { execArgv: ['--expose-gc', '--max-old-space-size=2048'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const exit = new Promise((_, reject) => child.once('exit', code => reject(new Error(`${file} ended with ${code}`))))
  exit.catch(() => {})
  const next = () => Promise.race([exit, new Promise(resolve => child.once('message', resolve))])
  const { port } = await next()
  return {
    url: `http://127.0.0.1:${port}`,
    /** CPU in microseconds since its start; memory in bytes, after a collection when asked for. */
    async usage({ collect = false } = {}) {
      const answer = next()
      child.send({ collect })
      return answer
    },
    stop: () => child.kill('SIGTERM'),
  }
}
