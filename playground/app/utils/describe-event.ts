import type { StreamEvent } from 'nuxt-llm-stream/protocol'

/** What an event brings, in one line. */
export function describeEvent(event: StreamEvent): string {
  switch (event.type) {
    case 'text-delta': case 'reasoning-delta': case 'refusal-delta': case 'tool-call-delta': return JSON.stringify(event.delta)
    case 'tool-call-start': return event.name
    case 'server-tool': return `${event.name}, ${event.state}`
    case 'source': return event.title ?? event.url ?? event.id
    case 'file': return event.mediaType
    case 'metadata': return event.model ?? event.responseId ?? ''
    case 'finish': return event.reason ?? ''
    case 'usage': return formatUsage(event.usage)
    case 'end': return event.error ? `${event.outcome}, ${event.error.code}` : event.outcome
    default: return ''
  }
}
