import { vi } from 'vitest'

// The published range of eventsource-parser has two majors. The lockfile holds the older, which runs on every Node that we
// support; these are the same tests with the other.
vi.mock('eventsource-parser', () => import('eventsource-parser-4'))

await import('./sse.test')
