// Adding, taking and completing a job of a queue without order. What is rare here BullMQ's own scripts do: a queue that is
// paused or limited, a delayed job that is due, a job with a priority, a lock that is lost. They also look for parents and
// deduplication, which no job of ours has.

/** What a script answers when BullMQ's own has to do it. Nothing was changed then, or the job is completed. */
export const THEIRS = -9

const TAKE = `
local function take(base, token, lockMs, now)
  local meta = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max')
  if meta[1] or meta[2] or meta[3] then return ${THEIRS} end
  -- The score is the due time in milliseconds, shifted by 12 bits.
  local due = tonumber(redis.call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')[2])
  if due and due < (now + 1) * 4096 then return ${THEIRS} end
  local id = redis.call('RPOPLPUSH', base .. 'wait', base .. 'active')
  if not id then
    if redis.call('EXISTS', base .. 'prioritized') == 1 then return ${THEIRS} end
    return { 0, 0, 0, due and due / 4096 or 0 }
  end
  redis.call('SET', base .. id .. ':lock', token, 'PX', lockMs)
  -- Whoever waits for the marker has something to take only then.
  if redis.call('LLEN', base .. 'wait') > 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
  local job = redis.call('HGETALL', base .. id)
  -- Written down when the job ends.
  job[#job + 1] = 'processedOn'
  job[#job + 1] = tostring(now)
  return { job, id, 0, 0 }
end
`

/** KEYS[1] is the beginning of the queue's keys. */
export const UNORDERED_SCRIPTS = {
  /** ARGV: id, name, data, options, timestamp. Adding an id that exists adds nothing. */
  addUnordered: `
local base, id = KEYS[1], ARGV[1]
if redis.call('EXISTS', base .. id) == 1 then return id end
redis.call('HSET', base .. id, 'name', ARGV[2], 'data', ARGV[3], 'opts', cjson.encode(cmsgpack.unpack(ARGV[4])),
  'timestamp', ARGV[5], 'delay', 0, 'priority', 0)
redis.call('LPUSH', base .. 'wait', id)
if redis.call('HEXISTS', base .. 'meta', 'paused') == 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
return id`,

  /** ARGV: token, lockMs, now. */
  takeUnordered: `${TAKE}
return take(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]))`,

  /**
   * ARGV: id, token, lockMs, now, whether to take the next job, how long in ms and how many completed jobs are kept, the
   * returned value, when the job was taken, tries.
   */
  completeUnordered: `${TAKE}
local base, id, token, now = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[4])
if redis.call('GET', base .. id .. ':lock') ~= token then return -2 end
if redis.call('LREM', base .. 'active', -1, id) == 0 then return -2 end
redis.call('DEL', base .. id .. ':lock')
redis.call('HSET', base .. id, 'returnvalue', ARGV[8], 'processedOn', ARGV[9], 'finishedOn', ARGV[4], 'atm', ARGV[10])
redis.call('ZADD', base .. 'completed', ARGV[4], id)
local old = redis.call('ZRANGEBYSCORE', base .. 'completed', '-inf', now - ARGV[6], 'LIMIT', 0, 100)
local more = redis.call('ZCARD', base .. 'completed') - #old - tonumber(ARGV[7])
if more > 0 then
  old = redis.call('ZRANGE', base .. 'completed', 0, #old + math.min(more, 100) - 1)
end
if #old > 0 then
  redis.call('ZREM', base .. 'completed', unpack(old))
  for at, one in ipairs(old) do old[at] = base .. one end
  redis.call('DEL', unpack(old))
end
if ARGV[5] == '1' then return take(base, token, ARGV[3], now) end
-- Another process takes what waits.
if redis.call('LLEN', base .. 'wait') > 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
return ${THEIRS}`,
} as const
