import { outcomeOfReason } from '../outcome'
import { isObject, textOf } from './json'
import { createMessageBlocks } from './messages-blocks'
import type { MessageBlock } from './messages-blocks'
import type { Emit, Envelope, MessageReader, Protocol } from './protocol'

/** Anthropic Messages. [spec] https://docs.claude.com/en/api/messages-streaming */
export const messages: Protocol = {
  name: 'messages',
  createReader: createMessagesReader,
}

function createMessagesReader(emit: Emit, { identify, count, finish }: Envelope): MessageReader {
  const blocks = createMessageBlocks(emit)
  const open = new Map<unknown, MessageBlock>()
  let usage: Record<string, unknown> = {}
  let started = false
  let stopReason: string | null = null

  function read(message: Record<string, unknown>, event: string | undefined): void {
    switch (message.type ?? event) {
      case 'content_block_delta': return readDelta(message)
      case 'content_block_start': return startBlock(message)
      case 'content_block_stop': return stopBlock(message)
      case 'message_start': return isObject(message.message) ? startMessage(message.message) : undefined
      case 'message_delta': return changeMessage(message)
      case 'message_stop': return finish()
      case 'message': return readWhole(message)
    }
  }

  /** [wire] Some upstreams send the start twice: the second one is not read. */
  function startMessage(message: Record<string, unknown>): void {
    if (started) return
    started = true
    identify(message)
    // [wire] Blocks that stand here are whole: calls that code on the upstream's side made earlier.
    if (Array.isArray(message.content)) {
      for (const block of message.content) if (isObject(block)) blocks.open(block)?.stop()
    }
    readUsage(message.usage)
  }

  function startBlock(message: Record<string, unknown>): void {
    if (!isObject(message.content_block)) return
    const known = open.get(message.index)
    if (known) {
      if (known.continues(message.content_block)) return
      known.stop()
    }
    setBlock(message.index, blocks.open(message.content_block))
  }

  function readDelta(message: Record<string, unknown>): void {
    const { delta } = message
    if (!isObject(delta)) return
    let block = open.get(message.index)
    if (!block) setBlock(message.index, block = blocks.openForDelta(delta))
    block?.read(delta)
  }

  function setBlock(index: unknown, block: MessageBlock | undefined): void {
    if (block) open.set(index, block)
    else open.delete(index)
  }

  function stopBlock(message: Record<string, unknown>): void {
    open.get(message.index)?.stop()
    open.delete(message.index)
  }

  function changeMessage(message: Record<string, unknown>): void {
    if (isObject(message.delta)) readReason(message.delta)
    readUsage(message.usage)
  }

  /** An answer that was not streamed. */
  function readWhole(message: Record<string, unknown>): void {
    startMessage(message)
    readReason(message)
    finish()
  }

  function readReason(holder: Record<string, unknown>): void {
    const reason = textOf(holder.stop_reason)
    if (reason === '') return
    stopBlocks()
    if (reason !== stopReason) emit({ type: 'finish', reason })
    stopReason = reason
  }

  function stopBlocks(): void {
    for (const block of open.values()) block.stop()
    open.clear()
  }

  /** Counts of a later message replace those of an earlier one, key by key; `null` says nothing. */
  function readUsage(value: unknown): void {
    if (!isObject(value)) return
    usage = { ...usage, ...Object.fromEntries(Object.entries(value).filter(([, count]) => count !== null)) }
    count(usage)
  }

  return {
    read,
    close: stopBlocks,
    proven: () => stopReason !== null,
    outcome: () => outcomeOfReason(stopReason, blocks.hasCalls),
  }
}
