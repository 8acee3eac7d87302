import type { RedisClient } from '../redis'

/** Runs a script for one item; all items of a script have as many keys and arguments. Settles with the item's reply. */
export type BatchedScript = (keys: readonly string[], parameters: readonly (string | number | Buffer)[]) => Promise<unknown>

interface Item {
  keys: readonly string[]
  parameters: readonly (string | number | Buffer)[]
  resolve: (reply: unknown) => void
  reject: (error: unknown) => void
}

/** Items of one command: Redis serves nobody else while it runs. */
const LARGEST = 128

/**
 * What is asked of a script in one turn of the event loop goes out as one command, whose reply is a list with a reply for each
 * item. With a command, a promise and a socket write of its own for each run, keeping runs took as long as relaying them.
 */
export function createBatch(commands: RedisClient, script: string): BatchedScript {
  let waiting: Item[] = []

  return (keys, parameters) => new Promise((resolve, reject) => {
    waiting.push({ keys, parameters, resolve, reject })
    // A cluster refuses what belongs to more than one slot.
    if (commands.isCluster || waiting.length === LARGEST) send()
    else if (waiting.length === 1) queueMicrotask(send)
  })

  function send(): void {
    const items = waiting
    if (items.length === 0) return
    waiting = []
    const keys = items.flatMap(({ keys }) => keys)
    commands.eval(script, keys.length, ...keys, ...items.flatMap(({ parameters }) => parameters)).then(
      replies => items.forEach(({ resolve }, index) => resolve((replies as unknown[])[index])),
      error => items.forEach(({ reject }) => reject(error)),
    )
  }
}
