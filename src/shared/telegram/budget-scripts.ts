/**
 * Generic cell rate: `tat` is when the next free slot begins. A lane that would have to reach further than `ahead`
 * gets nothing and is told when to ask again. Times in ms of Redis' own clock, one for all processes.
 * Besides, a mailing's messages of the last second are listed with their times.
 * KEYS: budget, chat, list. ARGV: rate, count, aheadMs, burst, chatIntervalMs (0 = no chat), chatBurst, recovery,
 * most (messages in a window, 0 = no list), windowMs, rushMs, share (of the admins), adminsBurst (0 = no admin)
 */
export const TAKE_SCRIPT = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local state = redis.call('hmget', KEYS[1], 'tat', 'cut', 'cutAt', 'pausedTo', 'kept', 'adminsTat')
local pausedTo = tonumber(state[4]) or 0
if pausedTo > now then return {0, tostring(pausedTo - now), 0} end
local rate = tonumber(ARGV[1])
if state[2] then
  rate = math.min(rate, tonumber(state[2]) + (now - tonumber(state[3])) / 1000 * rate * tonumber(ARGV[7]))
end
local count, ahead, burst = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local interval = 1000 / rate
local tat = math.max(tonumber(state[1]) or 0, now - burst * interval)
local begins = math.max(now, tat)
local most = tonumber(ARGV[8])
if most > 0 then
  local place = -math.max(1, most - count + 1)
  local before = redis.call('zrange', KEYS[3], place, place, 'withscores')[2]
  if before then begins = math.max(begins, tonumber(before) + tonumber(ARGV[9])) end
  local last = redis.call('zrange', KEYS[3], -1, -1, 'withscores')[2]
  if last then begins = math.max(begins, tonumber(last) + interval / 2) end
end
local wait = begins - now
local share, adminsBurst = tonumber(ARGV[11]), tonumber(ARGV[12])
local rush = wait > tonumber(ARGV[10])
local adminsTat
if rush and adminsBurst > 0 then
  local own = interval / share
  local free = math.max(tonumber(state[6]) or 0, now - (adminsBurst - 1) * own)
  if free - now < wait then
    wait = math.max(0, free - now)
    adminsTat = free + count * own
  end
end
if wait > ahead then return {0, tostring(wait - ahead), 0} end
local chatInterval = tonumber(ARGV[5])
if chatInterval > 0 then
  local chatTat = math.max(tonumber(redis.call('get', KEYS[2])) or 0, now - tonumber(ARGV[6]) * chatInterval)
  if chatTat > now then return {0, tostring(chatTat - now), 1} end
  chatTat = chatTat + count * chatInterval
  local life = math.ceil(chatTat - now + tonumber(ARGV[6]) * chatInterval)
  redis.call('set', KEYS[2], string.format('%.3f', chatTat), 'px', life)
end
-- The budget lives for an hour after its last use; that is said anew once a minute and not with each message.
local fresh = now - (tonumber(state[5]) or 0) < 60000
-- In a rush everybody else leaves the admins' share free.
local taken = rush and interval / (1 - share) or interval
local nextTat = string.format('%.3f', adminsTat and tat or tat + count * taken)
if adminsTat then redis.call('hset', KEYS[1], 'adminsTat', string.format('%.3f', adminsTat)) end
if fresh then
  redis.call('hset', KEYS[1], 'tat', nextTat)
else
  redis.call('hset', KEYS[1], 'tat', nextTat, 'kept', string.format('%.0f', now))
  redis.call('pexpire', KEYS[1], 3660000)
end
local id = ''
if most > 0 then
  id = tostring(redis.call('hincrby', KEYS[1], 'slots', 1))
  for part = 1, count do redis.call('zadd', KEYS[3], string.format('%.3f', begins), id .. ' ' .. part) end
  redis.call('zremrangebyrank', KEYS[3], 0, -most - 1)
  redis.call('pexpire', KEYS[3], 10000)
end
return {1, tostring(wait), 0, id}
`

/** KEYS: budget. ARGV: pauseMs, rate, cut, recovery. A storm of 429 is one cut: those in flight together count once. */
export const CUT_SCRIPT = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local state = redis.call('hmget', KEYS[1], 'cut', 'cutAt', 'pausedTo')
local rate = tonumber(ARGV[2])
if (tonumber(state[3]) or 0) <= now then
  local held = rate
  if state[1] then held = math.min(rate, tonumber(state[1]) + (now - tonumber(state[2])) / 1000 * rate * tonumber(ARGV[4])) end
  redis.call('hset', KEYS[1], 'cut', tostring(math.max(1, held * tonumber(ARGV[3]))), 'cutAt', string.format('%.3f', now))
end
local until_ = math.max(tonumber(state[3]) or 0, now + tonumber(ARGV[1]))
redis.call('hset', KEYS[1], 'pausedTo', string.format('%.3f', until_))
redis.call('pexpire', KEYS[1], 3660000)
return 1
`
