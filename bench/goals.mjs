import { median, medianRatio } from './lib/median.mjs'

/**
 * What is to be reached, a line each: what it is about, the goal in words, what was measured, and whether that meets it.
 * `of` reads the figures of its part.
 */
export const GOALS = [
  atMost('relay', 'CPU per event, 100 streams × 20 events/s, against the bare pipe', 1.15, ({ paced }) => ratio(paced, 'CPU µs/event')),
  atMost('relay', 'p99 delay of an event, against the bare pipe', 1.5, ({ paced }) => ratio(paced, 'p99 ms')),
  atMost('relay', 'CPU per event flat out, against the bare pipe', 1, ({ flat }) => ratio(flat, 'CPU µs/event')),
  atMost('relay', 'memory per open stream, against the bare pipe', 1.2, ({ memory }) => ratio(memory, 'KB/stream')),
  atLeast('relay', 'upstream calls ended when 200 readers vanish', 200, ({ leave }) => figure(leave, 'ended of 200')),
  atMost('relay', 'the last of them ended after', 250, ({ leave }) => figure(leave, 'last after ms'), 'ms'),
  atMost('relay', 'pushed by the upstream while the reader is paused', 12, ({ paused }) => figure(paused, 'pushed MB'), 'MB'),
  atMost('relay', 'growth while the reader is paused, beyond the bare pipe\'s', 8, ({ paused }) => figure(paused, 'growth MB') - figure(paused, 'growth MB', 'pipe'), 'MB'),
  atMost('relay', 'added delay of the first byte, against the bare pipe', 1.5, ({ first }) => ratio(first, 'added ms')),
  atMost('relay', 'CPU per event with resumable runs in memory, against without', 1.3, ({ paced }) => ratio(paced, 'CPU µs/event', 'ours-resumable', 'ours')),
  atMost('relay', 'the same flat out', 1.3, ({ flat }) => ratio(flat, 'CPU µs/event', 'ours-resumable', 'ours')),
  atMost('relay', 'p50 delay of an event with runs kept in Redis, against without', 1.1, ({ paced }) => ratio(paced, 'p50 ms', 'ours-redis', 'ours')),

  atMost('client', '`useStream`, 10 000 deltas, against the limit', 1.15, ({ deltas10k }) => deltas10k.useStream),
  atMost('client', '`useStream`, 50 000 deltas, against the limit', 1.15, ({ deltas50k }) => deltas50k.useStream),
  atMost('client', '`useStream`, 16 KB chunks, against the limit on the same', 1.1, ({ chunks }) => chunks.useStream),
  atMost('client', '`useConversation` with 200 messages, against the limit', 1.3, ({ history }) => history.useConversation),
  atMost('client', '40 000 characters of tool arguments, against the same as text', 10, ({ pieces }) => pieces.tool),
  atMost('client', 'the same as a structured object, against the same as text', 10, ({ pieces }) => pieces.object),

  atMost('browser', 'renders of the live message beyond painted frames', 2, ({ spread }) => spread.liveRenders - spread.frames, 'renders'),
  atMost('browser', 'renders of the 50 messages above', 0, ({ spread }) => spread.pastRenders, 'renders'),
  atMost('browser', 'text still to be shown after the last byte, for', 17, ({ spread }) => spread.lateMs, 'ms'),
  atMost('browser', 'longest task while streaming', 50, ({ spread }) => spread.longestTaskMs, 'ms'),
  atLeast('browser', 'frames painted while 2 000 waiting deltas are shown', 1, ({ waiting }) => waiting.frames, 'frames'),

  atMost('protocol', '`collectStream` of 200 000 deltas, against parsing alone', 1.3, ({ chunks }) => chunks.collect / chunks.limit),
  atMost('protocol', '`readStream` and `reduceStream` of the same', 1.3, ({ chunks }) => chunks.iterate / chunks.limit),
  atMost('protocol', 'twice the deltas, against once', 2.2, ({ chunks, twice }) => twice.collect / chunks.collect),

  atLeast('endurance', 'streams open at once on one process, without an error', 5000, ({ open }) => open),

  atMost('size', '`useStream` alone, minified and gzipped, all that a chat stream loads', 6, ({ useStream }) => allOf(useStream), 'KiB'),
  atMost('size', 'with `useConversation`, all that it loads', 11, ({ useConversation }) => allOf(useConversation), 'KiB'),
  atMost('size', 'growth of a built server, minified and gzipped', 60, ({ server }) => server / 1024, 'KiB'),
]

function atMost(part, what, limit, of, unit = '×') {
  return { part, what, goal: `≤ ${limit} ${unit}`, unit, of, isMet: value => round(value) <= limit }
}

function atLeast(part, what, limit, of, unit = '') {
  return { part, what, goal: `≥ ${limit} ${unit}`.trimEnd(), unit, of, isMet: value => value >= limit }
}

/** A figure of the built server's, or of another relay's. */
function figure(mode, name, relay = 'built') {
  return median(mode[relay][name])
}

/** A figure of the built server's against the bare pipe's, which is the limit, or of others. */
function ratio(mode, name, relay = 'built', against = 'pipe') {
  return medianRatio(mode[relay][name], mode[against][name])
}

/** What comes with the page and what follows, in KiB. */
function allOf({ entry, later }) {
  return (entry + later) / 1024
}

/** As it is shown, so that what reads as met is met. */
export function round(value) {
  return Number(value.toFixed(2))
}
