import type { ShallowRef } from 'vue'
import type { StreamError } from '../../shared/errors'
import type { Outcome } from '../../shared/outcome'
import type { StreamPart, ToolCall } from '../../shared/parts'
import type { Choice, StreamResult } from '../../shared/result'
import type { Usage } from '../../shared/usage'
import type { ProtocolName } from '../../shared/wire'
import type { StartInput } from '../run/input'
import type { StreamStatus } from '../run/snapshot'
import type { Timing } from '../run/stopwatch'

/** A ref that is only read. Its values are replaced, never mutated. */
export type ReadonlyRef<T> = Readonly<ShallowRef<T>>

/** A value that is still growing: anything in it may be missing yet. */
export type DeepPartial<T> = T extends (...args: never[]) => unknown ? T
  : T extends readonly unknown[] ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> }
      : T

/** What `useStream` gives. All refs show one moment of one run: they are written together. */
export interface UseStreamReturn<TObject = never, TProtocol extends ProtocolName = 'chat'> {
  /** Text of the answer so far. Stays when the run fails. */
  text: ReadonlyRef<string>
  /** What the model shows of its reasoning. */
  reasoning: ReadonlyRef<string>
  /** What the model says instead of an answer. */
  refusal: ReadonlyRef<string>
  /** Everything that has come, in order of arrival. A closed part stays the same object. */
  parts: ReadonlyRef<readonly StreamPart[]>
  /** Calls that the app has to answer. `input` is there once a call is `ready`. */
  toolCalls: ReadonlyRef<readonly ToolCall[]>
  /** Every answer, where more than one was asked for; the other refs show the first. */
  choices: ReadonlyRef<readonly Choice[]>
  /** With `schema`: the object so far; validated once `outcome` is `complete`. */
  object: ReadonlyRef<DeepPartial<TObject> | undefined>
  /** Token counts, as soon as the upstream says them. */
  usage: ReadonlyRef<Usage | null>
  /** Why the upstream stopped, in its own word; `outcome` is the same in ours. */
  finishReason: ReadonlyRef<string | null>
  /** The model that answers, as the upstream names it. */
  model: ReadonlyRef<string | null>
  /** The upstream's id of the answer. */
  responseId: ReadonlyRef<string | null>
  /** The id to give to `resume`; of a resumable run only. */
  runId: ReadonlyRef<string | null>
  /** `submitted` until the first part arrives, then `streaming`; `error` after a failure, else `ready`. */
  status: ReadonlyRef<StreamStatus>
  /** How the run ended; `null` before. */
  outcome: ReadonlyRef<Outcome | null>
  /** Why it failed or was truncated. */
  error: ReadonlyRef<StreamError | null>
  /** How fast it was. */
  timing: ReadonlyRef<Timing>
  /** Sends a request and shows its answer. Settles when the run has ended, however it did; never rejects. */
  start: (input?: StartInput<TProtocol>) => Promise<StreamResult<TObject>>
  /** Ends the run, here and at the upstream, with the outcome `stopped`; its text stays. */
  stop: () => void
  /** Leaves a resumable run going and looks away: `ready`, no hooks. A run that cannot be resumed is stopped. */
  disconnect: () => void
  /** Comes back to a run, by its id or by `key`; settles with `null` when there is nothing to come back to. */
  resume: (id?: string) => Promise<StreamResult<TObject> | null>
  /** Sends the last request again, as it was. */
  retry: () => Promise<StreamResult<TObject>>
  /** Stops, and empties what is shown. */
  reset: () => void
}
