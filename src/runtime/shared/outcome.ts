import type { StreamError } from './errors'

/**
 * How a run ended. `truncated`: the body ended without proof that the answer is whole.
 */
export type Outcome = 'complete' | 'length' | 'content-filter' | 'tool-calls' | 'stopped' | 'truncated' | 'failed'

/**
 * Outcome of a finish reason: `finish_reason`, `stop_reason`, or `incomplete_details.reason` of the Responses API.
 * A word that says nothing special is `complete`, or `tool-calls` where the answer holds calls to be answered.
 */
export function outcomeOfReason(reason: string | null, hasCalls: boolean): Outcome {
  switch (reason) {
    case 'length':
    case 'max_tokens':
    case 'max_output_tokens':
    case 'model_length': // Mistral
    case 'model_context_window_exceeded':
      return 'length'
    case 'content_filter':
    case 'sensitive': // Zhipu
    case 'refusal':
      return 'content-filter'
    case 'tool_calls':
    case 'function_call':
    case 'tool_use':
      return 'tool-calls'
    default:
      return hasCalls ? 'tool-calls' : 'complete'
  }
}

/** Whether a finish reason is an error in disguise (wire.md §4). */
export function isFailureReason(reason: string): boolean {
  return reason === 'error' || reason === 'network_error' || reason === 'insufficient_system_resource'
}

/** Outcome of a run that ended with this error. */
export function outcomeOfError(error: StreamError): Outcome {
  switch (error.code) {
    case 'upstream_truncated': return 'truncated'
    case 'stopped': return 'stopped'
    default: return 'failed'
  }
}
