import { type ChildProcess, spawn } from 'node:child_process'

/**
 * Ends a program when the tests end, also when they are killed and can end nothing themselves: a shell waits for its input,
 * which closes with this process, whatever ended it.
 */
export function endWithUs(child: ChildProcess): void {
  const watch = spawn('sh', ['-c', 'cat >/dev/null; kill -9 "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true, // what is sent to our process group must not end it first
  })
  watch.unref()
  watch.stdin!.on('error', () => {}) // it is gone already
  child.once('exit', () => watch.kill('SIGKILL')) // the number may soon be somebody else's
}
