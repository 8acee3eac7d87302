import type { ProtocolName } from '../../shared/wire'

/** The run that a key stands for, as a page needs it after a reload. */
export interface RememberedRun {
  runId: string
  protocol: ProtocolName
}

/** Remembers one run for as long as its tab lives, and no longer than the run does. */
export interface RunMemory {
  read: () => RememberedRun | undefined
  write: (run: RememberedRun) => void
  clear: () => void
}

/** In `sessionStorage`: a run belongs to the tab that began it. Where there is none, or it is full, nothing is remembered. */
export function createRunMemory(key: string): RunMemory {
  const name = `nuxt-llm-stream:${key}`
  return {
    read: () => quietly(() => parse(sessionStorage.getItem(name))),
    write: run => quietly(() => sessionStorage.setItem(name, JSON.stringify(run))),
    clear: () => quietly(() => sessionStorage.removeItem(name)),
  }
}

/** Browsers throw for a storage that the user has forbidden. */
function quietly<T>(use: () => T): T | undefined {
  try {
    return use()
  }
  catch {
    return undefined
  }
}

function parse(text: string | null): RememberedRun | undefined {
  const { runId, protocol } = JSON.parse(text ?? '{}') as Partial<RememberedRun>
  return runId && protocol ? { runId, protocol } : undefined
}
