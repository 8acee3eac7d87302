/**
 * What happens in Redis in one step. `APPEND`, `FINISH` and `RENEW` take any number of runs at once (`redis-batch.ts`), whose troubles are
 * their own: `pcall` instead of `call`.
 */

/**
 * Begins a log. Fails when there is one of this id.
 *
 * KEYS: log, lease. ARGV: id of the head, its content, lifetimes of log and lease in milliseconds.
 */
export const CREATE = `
redis.call('XADD', KEYS[1], ARGV[1], 'm', ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('SET', KEYS[2], 1, 'PX', ARGV[4])`

/**
 * Adds a batch of frames to each log: tells `added`, `gone` (no log) or what Redis has against it.
 *
 * KEYS: log. ARGV: id of the entry, number of frames, their bytes.
 */
export const APPEND = `
local replies = {}
for i, log in ipairs(KEYS) do
  local id, count, bytes = unpack(ARGV, 3 * i - 2, 3 * i)
  local reply = redis.pcall('XADD', log, 'NOMKSTREAM', id, 'n', count, 'd', bytes)
  replies[i] = type(reply) == 'table' and reply.err or reply and 'added' or 'gone'
end
return replies`

/**
 * Adds the end to each log and lets go of what only a running one needs; tells the same as `APPEND`.
 *
 * KEYS: log, lease, stop, seen. ARGV: id of the entry, number of the last frame, how the run ended, lifetime of the log in milliseconds.
 */
export const FINISH = `
local replies = {}
for i = 1, #KEYS / 4 do
  local log = KEYS[4 * i - 3]
  local id, last, ending, lifetime = unpack(ARGV, 4 * i - 3, 4 * i)
  local reply = redis.pcall('XADD', log, 'NOMKSTREAM', id, 'l', last, 'e', ending)
  replies[i] = type(reply) == 'table' and reply.err or reply and 'added' or 'gone'
  if replies[i] == 'added' then
    redis.pcall('PEXPIRE', log, lifetime)
    redis.pcall('DEL', unpack(KEYS, 4 * i - 2, 4 * i))
  end
end
return replies`

/**
 * A producer's sign of life: gives the end of its log where somebody else wrote one, else whether there still is a log (0 or 1),
 * why the run is to stop, and for how many milliseconds viewers are there.
 *
 * KEYS: log, lease, stop, seen. ARGV: id of the end, lifetimes of log and lease in milliseconds.
 */
export const RENEW = `
local replies = {}
for i = 1, #KEYS / 4 do
  local log, lease, stop, seen = unpack(KEYS, 4 * i - 3, 4 * i)
  local endId, lifetime, leased = unpack(ARGV, 3 * i - 2, 3 * i)
  local ended = redis.pcall('XRANGE', log, endId, endId)[1]
  if ended then
    replies[i] = { ended[2][4] }
  else
    local kept = redis.pcall('PEXPIRE', log, lifetime)
    if kept == 1 then redis.pcall('SET', lease, 1, 'PX', leased) end
    replies[i] = { false, kept, redis.pcall('GET', stop), redis.pcall('PTTL', seen) }
  end
end
return replies`

/**
 * Ends the log of a producer that is gone, and tells how it is: `alive`, `gone` (no log) or `ended`. Atomic, so that a
 * lease taken meanwhile wins.
 *
 * KEYS: log, lease, stop. ARGV: id of the end, end of a dead producer, end of one that was asked to stop.
 */
export const REAP = `
if redis.call('EXISTS', KEYS[2]) == 1 then return 'alive' end
local entry = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
if not entry then return 'gone' end
if entry[1] ~= ARGV[1] then
  local last = string.match(entry[1], '^%d+')
  local stopped = redis.call('EXISTS', KEYS[3]) == 1
  redis.call('XADD', KEYS[1], ARGV[1], 'l', last, 'e', stopped and ARGV[3] or ARGV[2])
end
return 'ended'`
