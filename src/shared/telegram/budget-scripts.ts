/**
 * Generic cell rate: `tat` is when the next free slot begins. A lane that would have to reach further than `ahead`
 * gets nothing and is told when to ask again. Times in ms of Redis' own clock, one for all processes.
 * KEYS: budget, chat. ARGV: rate, count, aheadMs, burst, chatIntervalMs (0 = no chat), chatBurst, recovery,
 * catchUp (0 = no mailing), underWayMs, rushMs, share (of the admins), adminsBurst (0 = no admin)
 */
export const TAKE_SCRIPT = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local state = redis.call('hmget', KEYS[1], 'tat', 'cut', 'cutAt', 'pausedTo', 'kept', 'adminsTat', 'last')
local pausedTo = tonumber(state[4]) or 0
if pausedTo > now then return {0, tostring(pausedTo - now), 0} end
local rate = tonumber(ARGV[1])
if state[2] then
  rate = math.min(rate, tonumber(state[2]) + (now - tonumber(state[3])) / 1000 * rate * tonumber(ARGV[7]))
end
local count, ahead, burst = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local interval = 1000 / rate
local catchUp, last = tonumber(ARGV[8]), tonumber(state[7]) or 0
if catchUp > 0 and now - last < tonumber(ARGV[9]) then burst = math.max(burst, catchUp) end
local tat = math.max(tonumber(state[1]) or 0, now - burst * interval)
local begins = math.max(now, tat)
if catchUp > 0 then begins = math.max(begins, last + interval / 2) end
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
if catchUp > 0 then redis.call('hset', KEYS[1], 'last', string.format('%.3f', begins)) end
return {1, tostring(wait), 0}
`

/**
 * The window of a mailing: a sorted set of places, each with the time when it becomes free. KEYS: budget, window.
 * ARGV: most, windowMs, heldMs, quickCalls, quickMs, and three JSON lists: who asks for a place, who left one, whose
 * calls are under way.
 */
export const PASS_SCRIPT = `
local time = redis.call('time')
local now = time[1] * 1000 + time[2] / 1000
local most, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local told = cjson.decode(ARGV[6])
local state = redis.call('hmget', KEYS[1], 'pausedTo', 'quick', 'quickCalls', 'quickSince', 'quickBefore')
local function hold(place, to)
  for part = 1, place.count do redis.call('zadd', KEYS[2], string.format('%.3f', to), place.id .. ' ' .. part) end
end
if #told.left > 0 then
  local quick, calls, since = tonumber(state[2]), (tonumber(state[3]) or 0) + #told.left, tonumber(state[4]) or now
  local before = tonumber(state[5])
  for _, place in ipairs(told.left) do
    if place.tookMs then quick = math.min(quick or place.tookMs, place.tookMs) end
  end
  local sure = before and math.min(before, quick or before) or 0
  for _, place in ipairs(told.left) do
    if place.tookMs then hold(place, now - place.agoMs + window - sure)
    else for part = 1, place.count do redis.call('zrem', KEYS[2], place.id .. ' ' .. part) end end
  end
  if quick and calls >= tonumber(ARGV[4]) and (not before or now - since >= tonumber(ARGV[5])) then
    redis.call('hset', KEYS[1], 'quickBefore', quick, 'quickCalls', 0, 'quickSince', string.format('%.0f', now))
    redis.call('hdel', KEYS[1], 'quick')
  else
    redis.call('hset', KEYS[1], 'quickCalls', calls, 'quickSince', string.format('%.0f', since))
    if quick then redis.call('hset', KEYS[1], 'quick', quick) end
  end
end
for _, place in ipairs(told.held) do hold(place, now + tonumber(ARGV[3])) end
redis.call('zremrangebyscore', KEYS[2], '-inf', now)
local used, granted, wait = redis.call('zcard', KEYS[2]), 0, 0
local pausedTo = tonumber(state[1]) or 0
for _, place in ipairs(told.asked) do
  if pausedTo > now then wait = pausedTo - now break end
  local over = used + place.count - most
  if over > 0 and used > 0 then
    local free = redis.call('zrange', KEYS[2], math.min(over, used) - 1, math.min(over, used) - 1, 'withscores')[2]
    wait = tonumber(free) - now
    break
  end
  hold(place, now + tonumber(ARGV[3]))
  used, granted = used + place.count, granted + 1
end
redis.call('pexpire', KEYS[2], 10000)
return {granted, tostring(wait)}
`

/**
 * Cuts the rate after a 429. KEYS: budget. ARGV: pauseMs, rate, cut, recovery. Many 429 at once are one cut: calls
 * that were in flight together count once.
 */
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
