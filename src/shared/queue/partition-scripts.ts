import { AT_ONCE, TAKE } from './take-by-chats.ts'

// What happens to a partition's jobs most. BullMQ's own scripts go on failing, pausing, counting, sending a job back and
// renewing a lock. KEYS[1] is the beginning of the partition's keys.

/**
 * Bots take turns: a job comes behind all that wait of its own bot, and behind one of each other bot, so that a storm of
 * one delays another by a job. What waits is still one list whose order is the order of work, and says by its ids whose
 * each job is (`update-<bot>-<number>`): nothing else is kept, and a release before may add to it and take from it. Only
 * who does not follow the own bot looks through the list, from the newest on until there is a job of the own bot.
 *
 * The newest is the first of the list (index 0); the last is taken next.
 */
const TAKE_TURNS = `
local LOOK = 100
local function botOf(id) return string.match(id, '^([^~]+)%-%d+') or id end
local function takeTurns(base, id)
  local wait, own = base .. 'wait', botOf(id)
  local newest = redis.call('LINDEX', wait, 1)
  if not newest or botOf(newest) == own then return end
  local ids, length, at = {}, redis.call('LLEN', wait), nil
  -- Comparing beginnings first costs a third of taking each id apart.
  local begins, letters = own .. '-', #own + 1
  for from = 1, length - 1, LOOK do
    for _, one in ipairs(redis.call('LRANGE', wait, from, from + LOOK - 1)) do
      if string.sub(one, 1, letters) == begins and botOf(one) == own then
        at = #ids
        break
      end
      ids[#ids + 1] = one
    end
    if at then break end
  end
  local seen = {}
  for index = at or #ids, 1, -1 do
    local bot = botOf(ids[index])
    if seen[bot] then
      redis.call('LPOP', wait)
      redis.call('LINSERT', wait, 'AFTER', ids[index], id)
      redis.call('DEL', base .. 'far')
      return
    end
    seen[bot] = true
  end
end
`

export const PARTITION_SCRIPTS = {
  /**
   * ARGV: id, name, data, options, timestamp, chat. Adding an id that exists adds nothing: it is the same update delivered
   * again. So no separate check is needed before the write.
   */
  addToPartition: `${TAKE_TURNS}
local base, id = KEYS[1], ARGV[1]
local made = redis.call('HSET', base .. id, 'name', ARGV[2], 'data', ARGV[3], 'opts',
  cjson.encode(cmsgpack.unpack(ARGV[4])), 'timestamp', ARGV[5], 'delay', 0, 'priority', 0, 'chat', ARGV[6])
if made < 7 then return id end
local waiting = redis.call('LPUSH', base .. 'wait', id)
if waiting > 1 then takeTurns(base, id) end
-- Who has a job in hand takes the next one with the same step that ends it. Only where one waits already another worker
-- is told as well; one that waits alone behind a slow job is found by the look, within a second.
local atWork = redis.call('LLEN', base .. 'active')
if atWork == 0 or (waiting > 1 and atWork < ${AT_ONCE}) then redis.call('ZADD', base .. 'marker', 0, '0') end
return id`,

  /**
   * ARGV: id, name, data, options, timestamp, chat, delayMs. The look at all partitions moves it on; jobs of one moment keep
   * their order.
   */
  addDelayedToPartition: `
local base, id = KEYS[1], ARGV[1]
local made = redis.call('HSET', base .. id, 'name', ARGV[2], 'data', ARGV[3], 'opts',
  cjson.encode(cmsgpack.unpack(ARGV[4])), 'timestamp', ARGV[5], 'delay', ARGV[7], 'priority', 0, 'chat', ARGV[6])
if made < 7 then return id end
-- The score is the due time in milliseconds, shifted by 12 bits that keep the order of arrival.
local score = (ARGV[5] + ARGV[7]) * 4096
local last = redis.call('ZREVRANGEBYSCORE', base .. 'delayed', score + 4095, score, 'WITHSCORES', 'LIMIT', 0, 1)[2]
if last then score = math.min(last + 1, score + 4095) end
redis.call('ZADD', base .. 'delayed', string.format('%.0f', score), id)
return id`,

  /**
   * ARGV: token, lockMs, whether nothing ended just now. Then the first job that is taken after the partition was idle is
   * marked as such, see `wasAtRest`.
   */
  takeFromPartition: `${TAKE}
return take(KEYS[1], redis.call('LRANGE', KEYS[1] .. 'active', 0, -1), ARGV[1], ARGV[2], ARGV[3] == '1')`,

  /**
   * ARGV: id, token, lockMs, whether to take the next job. A negative result means that the lock is lost and nothing
   * was done.
   */
  endInPartition: `${TAKE}
local base, id, token = KEYS[1], ARGV[1], ARGV[2]
if redis.call('GET', base .. id .. ':lock') ~= token then return -2 end
local atWork = redis.call('LRANGE', base .. 'active', 0, -1)
if #atWork == 1 and atWork[1] == id then
  redis.call('DEL', base .. id, base .. id .. ':lock', base .. 'active')
  atWork = {}
else
  redis.call('DEL', base .. id, base .. id .. ':lock')
  redis.call('LREM', base .. 'active', -1, id)
  for at, one in ipairs(atWork) do
    if one == id then
      table.remove(atWork, at)
      break
    end
  end
end
if ARGV[4] == '1' then return take(base, atWork, token, ARGV[3], false) end
if redis.call('LLEN', base .. 'wait') > 0 then redis.call('ZADD', base .. 'marker', 0, '0') end
return false`,

  /**
   * Puts a job off, in front of all that wait; the others of its chat wait with it. ARGV: id, token, ms, whether that was a
   * try. The look at all partitions tells when its time has come.
   * @returns 0 = the lock is lost, and whoever has it now decides
   */
  putOffInPartition: `
local base, id = KEYS[1], ARGV[1]
if redis.call('GET', base .. id .. ':lock') ~= ARGV[2] then return 0 end
if redis.call('LREM', base .. 'active', -1, id) == 0 then return 0 end
local time = redis.call('TIME')
redis.call('HSET', base .. id, 'due', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[3], 'off', ARGV[3])
if ARGV[4] == '1' then redis.call('HINCRBY', base .. id, 'atm', 1) end
redis.call('DEL', base .. id .. ':lock')
if redis.call('RPUSH', base .. 'wait', id) > 1 then redis.call('ZADD', base .. 'marker', 0, '0') end
return 1`,

  /**
   * KEYS[1] guards the look itself, every other key is the prefix of a partition; ARGV: lookMs, now, maxStalled, lockMs.
   * Returns jobs of dead processes to their queues, moves on delayed jobs that are due, and announces again jobs that
   * no worker waits for. One process at a time looks, on behalf of all. A guard or a lock that has more time left than it
   * was given is of before the clock of Redis was set back, and would otherwise last for as long as the clock was wrong.
   * @returns pairs of partition and job that were returned
   */
  lookAtPartitions: `
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
  if redis.call('PTTL', KEYS[1]) <= tonumber(ARGV[1]) then return {} end
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
local lists = {}
for at = 2, #KEYS do
  lists[#lists + 1] = KEYS[at] .. 'wait'
  lists[#lists + 1] = KEYS[at] .. 'active'
  lists[#lists + 1] = KEYS[at] .. 'delayed'
end
if redis.call('EXISTS', unpack(lists)) == 0 then return {} end
local stalled = {}
for at = 2, #KEYS do
  local base = KEYS[at]
  -- The score is the due time in milliseconds, shifted by 12 bits.
  local due = redis.call('ZRANGEBYSCORE', base .. 'delayed', 0, (tonumber(ARGV[2]) + 1) * 4096 - 1, 'LIMIT', 0, 100)
  for _, id in ipairs(due) do
    redis.call('ZREM', base .. 'delayed', id)
    -- A job that is gone must not come back without its data: it would be put off for ever, in front of all others.
    if redis.call('EXISTS', base .. id) == 1 then
      redis.call('HSET', base .. id, 'delay', 0)
      redis.call('LPUSH', base .. 'wait', id)
    end
  end
  local active = redis.call('LRANGE', base .. 'active', 0, -1)
  local atWork = #active
  for _, id in ipairs(active) do
    local left = redis.call('PTTL', base .. id .. ':lock')
    if left > tonumber(ARGV[4]) then redis.call('PEXPIRE', base .. id .. ':lock', ARGV[4]) end
    if left == -2 then
      redis.call('LREM', base .. 'active', 1, id)
      atWork = atWork - 1
      if redis.call('EXISTS', base .. id) == 1 then
        if redis.call('HINCRBY', base .. id, 'stc', 1) > tonumber(ARGV[3]) then
          redis.call('HSET', base .. id, 'defa', 'job stalled more than allowable limit')
        end
        redis.call('RPUSH', base .. 'wait', id)
        stalled[#stalled + 1] = base
        stalled[#stalled + 1] = id
      end
    end
  end
  if atWork < ${AT_ONCE} and redis.call('LLEN', base .. 'wait') > 0
    and redis.call('HEXISTS', base .. 'meta', 'paused') == 0 then
    redis.call('ZADD', base .. 'marker', 0, '0')
  end
end
return stalled`,
} as const
