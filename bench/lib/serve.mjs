/** The child's side: serves, and answers questions about what it used. */
export function serve(server) {
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
  process.on('message', async ({ collect }) => {
    if (collect) {
      globalThis.gc()
      await new Promise(resolve => setTimeout(resolve, 50))
      globalThis.gc()
    }
    const { user, system } = process.cpuUsage()
    process.send({ cpu: user + system, memory: process.memoryUsage().rss })
  })
  process.on('disconnect', () => process.exit())
}

export const upstreamUrl = process.argv[2]
