import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Recording } from '../../shared/recording'
import { concat } from '../relay/body-reader'
import type { Logger } from '../relay/logger'
import type { Redactor } from './redact'
import type { Attempt, AttemptWatcher } from './tap'

export interface RecorderOptions {
  /** Where recordings go; made when there is one. */
  folder: string
  redact: Redactor
  logger: Logger
}

export interface Recorder extends AttemptWatcher {
  ended: (attempt: Attempt) => void
  /** Settles when all that ended is written. Never rejects. */
  written: () => Promise<void>
}

/**
 * Keeps each answer of an upstream as `NAME.sse`, its bytes, and `NAME.json`, a {@link Recording}. It writes when an answer
 * has ended, one after another, and nobody waits for it: a full disk costs one warning and the recordings, never an answer.
 */
export function createRecorder({ folder, redact, logger }: RecorderOptions): Recorder {
  let last = 0
  let writing = Promise.resolve()
  let warned = false

  return {
    ended(attempt) {
      const { status, ending, upstream, sentAt, protocol } = attempt
      if (status === undefined || ending === undefined || ending === 'unanswered') return
      if (upstream.provider === 'replay') return // would record its own recordings
      last = Math.max(sentAt, last + 1) // two that were sent at once get names of their own
      const name = `${new Date(last).toISOString().replaceAll(/[:.]/g, '-')}-${upstream.name}-${protocol}`
      const bytes = redact.bytes(concat(attempt.pieces))
      const recording: Recording = {
        upstream: upstream.name,
        protocol,
        status,
        contentType: attempt.contentType,
        ending,
        request: readRequest(redact.bytes(attempt.request.body)),
        chunks: attempt.chunks,
      }
      writing = writing.then(() => write(join(folder, name), recording, bytes)).catch(warn)
    },
    written: () => writing,
  }

  async function write(path: string, recording: Recording, bytes: Uint8Array): Promise<void> {
    await mkdir(folder, { recursive: true })
    await writeFile(`${path}.json`, format(recording))
    // Whoever lists the folder finds a recording by its `.sse`: it comes last, and at once.
    await writeFile(`${path}.part`, bytes)
    await rename(`${path}.part`, `${path}.sse`)
  }

  function warn(error: NodeJS.ErrnoException): void {
    if (warned) return
    warned = true
    logger.warn(`Answers cannot be recorded in ${folder} (${error.code ?? error.name}): see that it can be written to, or name another folder in \`llmStream.record\`.`)
  }
}

function readRequest(body: Uint8Array): unknown {
  const text = new TextDecoder().decode(body)
  try {
    return JSON.parse(text)
  }
  catch {
    return text // a key of digits was in it as a number
  }
}

/** A line for each chunk, so that a person can read it too. */
function format({ chunks, ...rest }: Recording): string {
  const lines = chunks.map(chunk => `    ${JSON.stringify(chunk)}`)
  return `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "chunks": [\n${lines.join(',\n')}\n  ]\n}\n`
}
