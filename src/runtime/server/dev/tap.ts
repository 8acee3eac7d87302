import type { RecordedChunk, RecordedEnding } from '../../shared/recording'
import type { ProtocolName } from '../../shared/wire'
import type { ResolvedRelayOptions, ResolvedUpstream } from '../relay/options'
import type { Transport, TransportBody, TransportRequest } from '../relay/transport'

/** One call of an upstream, filled in as it passes. */
export interface Attempt {
  readonly upstream: ResolvedUpstream
  readonly protocol: ProtocolName
  readonly request: TransportRequest
  /** When it was sent, as `Date.now()` says. */
  readonly sentAt: number
  /** Status of the answer; absent until its head is here. */
  status?: number
  contentType: string
  /** The bytes of the answer so far, and beside them the size and time of each piece. */
  pieces: Uint8Array[]
  readonly chunks: RecordedChunk[]
  /** Absent: it goes on. `unanswered`: there was not even a head. */
  ending?: RecordedEnding | 'unanswered'
  /** What it was unanswered or broken by. */
  error?: unknown
  /** Milliseconds from the request to the ending. */
  endedMs?: number
}

/** Who is told of attempts. The same object is given at the beginning and at the end. */
export interface AttemptWatcher {
  opened?: (attempt: Attempt) => void
  ended?: (attempt: Attempt) => void
}

/** A transport that lets everything pass, at the pace at which it comes, and tells the watchers of it. */
export function tap(transport: Transport, { upstreams }: ResolvedRelayOptions, watchers: readonly AttemptWatcher[]): Transport {
  const targets = targetsOf(upstreams)
  return {
    async open(request, signal) {
      const target = targets.get(request.url)
      if (!target) return transport.open(request, signal) // no call of the relay's
      const startedAt = performance.now()
      const attempt: Attempt = { ...target, request, sentAt: Date.now(), contentType: '', pieces: [], chunks: [] }
      for (const watcher of watchers) watcher.opened?.(attempt)
      const since = () => Math.round(performance.now() - startedAt)
      try {
        const { status, headers, body } = await transport.open(request, signal)
        attempt.status = status
        attempt.contentType = headers['content-type'] ?? ''
        return { status, headers, body: tapBody(body, take, end) }
      }
      catch (error) {
        end('unanswered', error)
        throw error
      }

      function take(bytes: Uint8Array): void {
        attempt.pieces.push(bytes)
        attempt.chunks.push({ bytes: bytes.byteLength, ms: since() })
      }
      function end(ending: Attempt['ending'], error?: unknown): void {
        if (attempt.ending) return
        attempt.ending = attempt.status === undefined ? 'unanswered' : ending
        attempt.error = error
        attempt.endedMs = since()
        for (const watcher of watchers) watcher.ended?.(attempt)
      }
    },
    close: async () => transport.close?.(),
  }
}

type Target = Pick<Attempt, 'upstream' | 'protocol'>

/** The relay makes the URL of an upstream and protocol once, so that each tells where a request goes. */
function targetsOf(upstreams: ResolvedRelayOptions['upstreams']): ReadonlyMap<URL, Target> {
  const targets = new Map<URL, Target>()
  for (const upstream of upstreams.values()) {
    for (const [protocol, url] of Object.entries(upstream.urls)) targets.set(url, { upstream, protocol: protocol as ProtocolName }) // its own keys
  }
  return targets
}

function tapBody(body: TransportBody, take: (bytes: Uint8Array) => void, end: (ending: RecordedEnding, error?: unknown) => void): TransportBody {
  return {
    start: listener => body.start({
      chunk(bytes) {
        take(bytes)
        listener.chunk(bytes)
      },
      end() {
        end('whole')
        listener.end()
      },
      fail(error) {
        end('broken', error)
        listener.fail(error)
      },
    }),
    pause: () => body.pause(),
    resume: () => body.resume(),
    // What was asked for is there: of more the relay takes no notice.
    finish() {
      end('whole')
      body.finish()
    },
    cancel() {
      end('left')
      body.cancel()
    },
  }
}
