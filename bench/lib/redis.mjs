import { spawn } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Starts a Redis that ends with this process, however it ends: its shell waits for an input that closes then. Gives its socket. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'))
  const socket = join(folder, 'redis.sock')
  const script = 'exec 3<&0; { cat <&3; kill $$; rm -r "$1"; } >/dev/null 2>&1 & exec redis-server --port 0 --unixsocket "$1/redis.sock" --dir "$1" --save "" --appendonly no'
  const shell = spawn('sh', ['-c', script, 'sh', folder], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  let output = ''
  for await (const bytes of shell.stdout) {
    output += bytes
    if (output.includes('eady to accept connections')) return socket
  }
  throw new Error(`redis-server did not start:\n${output}`)
}
