import { readFile } from 'node:fs/promises'

/** The child's side: serves, and answers questions about what it used. */
export function serve(server) {
  server.listen(0, '127.0.0.1', () => serveOwn(server.address().port))
}

/** The same for a server of this process that listens already. */
export function serveOwn(port) {
  process.send({ port })
  answerWith(async (collect) => {
    if (collect) {
      collectAll()
      await new Promise(resolve => setTimeout(resolve, 50))
      collectAll()
    }
    const { user, system } = process.cpuUsage()
    return { cpu: user + system, memory: process.memoryUsage().rss }
  })
}

/** The same for a relay that is another program, which has begun to listen. */
export function serveProgram(pid, port) {
  process.send({ port })
  answerWith(async () => {
    const [stat, status] = await Promise.all(['stat', 'status'].map(file => readFile(`/proc/${pid}/${file}`, 'utf8')))
    // [spec] https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: utime and stime, in ticks of 10 ms.
    const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13).map(Number)
    return { cpu: (user + system) * 10_000, memory: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) * 1024 }
  })
}

function answerWith(usage) {
  process.on('message', async ({ collect }) => process.send(await usage(collect)))
  process.on('disconnect', () => process.exit())
}

/**
 * Also gives back the room for young objects, of which V8 keeps up to 96 MB once it was needed: at a thousand streams that is more
 * than all they hold, and differs from run to run.
 */
export function collectAll() {
  globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

export const upstreamUrl = process.argv[2]
