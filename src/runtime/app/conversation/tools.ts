import type { AnySchema, SchemaOutput } from '../../shared/schema'
import { validateWith } from '../../shared/schema'
import { lastStep } from './messages'
import { isToolPart, toolName } from './ui-message'
import type { ToolUIPart, UIMessage, UIPart } from './ui-message'

/** A tool that the model may call and the browser, or the user, answers. */
export interface Tool<TSchema = AnySchema> {
  /** What it does and when to use it, for the model. */
  description?: string
  /** Shape of its input: a Standard Schema that can give a JSON Schema, or a JSON Schema. @default no input */
  schema?: TSchema
  /**
   * Answers a call: a string, or a value that is sent as JSON. What it throws is told to the model. Without it the call
   * waits for `addToolResult`.
   */
  // A method, so that the input of a plain JSON Schema can be given a type of its own.
  execute?(input: SchemaOutput<TSchema>, context: ToolContext): unknown
  /** Whether a call waits for `approve` first. @default false */
  approval?: boolean | ((input: SchemaOutput<TSchema>, context: ToolContext) => boolean | Promise<boolean>)
}

/** What a tool gets beside its input. */
export interface ToolContext {
  callId: string
  /** Aborts when the run is stopped; what is answered after that is dropped. */
  signal: AbortSignal
}

/** Tools by name. Inputs are of any type here, so that every app's tools fit. */
export type Tools = Record<string, Tool<any>> // eslint-disable-line @typescript-eslint/no-explicit-any

/** A call that still needs an answer. */
export type OpenCall = Extract<ToolUIPart, { state: 'input-available' | 'approval-requested' | 'approval-responded' }>

/** The calls of a message's last step that nobody has answered yet. Those the upstream runs itself are none. */
export function openCalls(message: UIMessage<unknown>): OpenCall[] {
  return lastStep(message.parts).filter(isOpenCall)
}

/** The call that waits under this id, in the latest message that can still be answered. */
export function findCall(messages: readonly UIMessage[], callId: string): { message: UIMessage, call: OpenCall } | undefined {
  for (const message of messages.toReversed()) {
    const call = openCalls(message).find(({ toolCallId }) => toolCallId === callId)
    if (call && canBeAnswered(message)) return { message, call }
  }
}

/** Whether the model may go on: the last step called something, and every call has its answer. */
export function isAnswered({ parts }: UIMessage<unknown>): boolean {
  const calls = lastStep(parts).filter(part => isToolPart(part) && !part.providerExecuted)
  return calls.length > 0 && calls.every(part => 'state' in part && part.state?.startsWith('output-'))
}

/**
 * Messages that come from outside, such as stored ones: what a tool was executing for the last of them, nobody executes now.
 * The user is asked, because only they know whether it may be done a second time.
 */
export function askAgain(messages: readonly UIMessage[], tools: () => Tools): readonly UIMessage[] {
  const message = messages.at(-1)
  if (message?.metadata?.outcome !== 'tool-calls') return messages
  const interrupted = openCalls(message).filter(call => call.state === 'input-available' && findTool(call, tools())?.execute)
  const parts = interrupted.reduce<readonly UIPart[]>((parts, call) => replaceCall(parts, requestApproval(call)), message.parts)
  return messages.with(-1, { ...message, parts: [...parts] })
}

/** How many model calls a message took. */
export function countSteps({ parts }: UIMessage<unknown>): number {
  return parts.filter(part => part.type === 'step-start').length
}

/** The message's parts with a call replaced, which is found by its id among those of the last step. */
export function replaceCall(parts: readonly UIPart[], call: ToolUIPart): UIPart[] {
  const index = parts.findLastIndex(part => isToolPart(part) && part.toolCallId === call.toolCallId)
  return parts.map((part, at) => at === index ? call : part)
}

/** The call with the user's word on it. A call that was declined needs no other answer. */
export function respond(call: OpenCall, approved: boolean): ToolUIPart {
  const approval = { id: call.toolCallId, approved }
  return { ...call, state: approved ? 'approval-responded' : 'output-denied', approval } as ToolUIPart
}

/** The call with its output. One that cannot be sent as JSON is an error, since the model would never see it. */
export function answer(call: OpenCall, output: unknown): ToolUIPart {
  try {
    JSON.stringify(output)
    return { ...call, state: 'output-available', output } as ToolUIPart
  }
  catch (error) {
    return fail(call, error)
  }
}

/**
 * Takes a call as far as it goes without the user: checks its input, asks for approval where that is wanted, executes it.
 * Gives the call as it then is, which is the same object when it has to wait. Never rejects.
 */
export async function runCall(call: OpenCall, tools: Tools, signal: AbortSignal): Promise<ToolUIPart> {
  const tool = findTool(call, tools)
  if (!tool || call.state === 'approval-requested') return call
  const context = { callId: call.toolCallId, signal }
  try {
    const result = await validateWith(tool.schema, call.input)
    if ('issues' in result) return fail(call, `Invalid input: ${result.issues}`)
    if (call.state !== 'approval-responded' && await needsApproval(tool, result.value, context)) {
      return requestApproval(call)
    }
    return tool.execute ? answer(call, await tool.execute(result.value, context)) : call
  }
  catch (error) {
    return fail(call, error)
  }
}

/** Calls of an answer that is not whole, or was stopped, are never executed. One without metadata is still growing, or another library's. */
function canBeAnswered({ metadata }: UIMessage): boolean {
  return (metadata?.outcome ?? 'tool-calls') === 'tool-calls'
}

/** The name comes from the model: `constructor` is no tool. */
function findTool(call: OpenCall, tools: Tools): Tool | undefined {
  const name = toolName(call)!
  return Object.hasOwn(tools, name) ? tools[name] : undefined
}

function requestApproval(call: OpenCall): ToolUIPart {
  return { ...call, state: 'approval-requested', approval: { id: call.toolCallId } } as ToolUIPart
}

function isOpenCall(part: UIPart): part is OpenCall {
  return isToolPart(part) && !part.providerExecuted && !part.state.startsWith('output-') && part.state !== 'input-streaming'
}

function needsApproval({ approval = false }: Tool, input: unknown, context: ToolContext): boolean | Promise<boolean> {
  return typeof approval === 'function' ? approval(input as never, context) : approval
}

function fail(call: OpenCall, error: unknown): ToolUIPart {
  const errorText = error instanceof Error ? error.message : String(error)
  return { ...call, state: 'output-error', errorText } as ToolUIPart
}
