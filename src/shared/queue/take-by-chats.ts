// Which job of a partition is next, as a part of the scripts of partition-scripts.ts.

/**
 * A chat has at most one job in hand, over all processes, and a partition at most this many. So a chat for which Telegram
 * is slow holds up no other chat.
 */
export const AT_ONCE = 4

/** An option of a job of an ordered queue: jobs of one chat keep their order. */
export interface OfChat {
  chat?: string
}

/**
 * The worker's name ends with this if it takes jobs by chats. Workers of the release before take the next job without
 * looking who else is at work, so beside a job in their hands nothing is taken.
 */
export const BY_CHATS = '~chats'

/** A script looks through this many of the oldest jobs for one whose chat is free: 1 to 2 µs each. */
export const LOOK_THROUGH = 60

/**
 * Where all of those wait, for example because one chat has written more than that at once, the script goes on behind
 * them, by this many jobs in one step. It remembers how far it came, so that the next step goes on from there.
 */
export const LOOK_FURTHER = 200

/** What was looked through is forgotten after this time without a step: nobody wrote meanwhile. */
const FAR_MS = 60_000

/**
 * A job says in its field `chat` whose it is, and in `due`, by the clock of Redis, until when it is put off, for `off` ms in
 * all. A clock that was set back would put it off for longer than that, so then its time counts as over. Neither lets a
 * later job of its chat go first.
 *
 * `far` keeps what was looked through behind the oldest LOOK_THROUGH: all of it belongs to chats that had to wait. It may be
 * lost at any moment. `at` counts these jobs from the oldest on, `last` is the last of them, `chats` says whose they are
 * (with the time until which a chat is put off, 0 = it had a job in hand) and `first` where the first of each chat was. Jobs
 * that were taken meanwhile have moved the place towards the oldest, by which `last` is found; jobs that went back to the
 * front are seen among the oldest. Only a job that is put in between might not be seen, so `takeTurns` forgets the place.
 */
export const TAKE = `
local function hand(base, id, token, lockMs, rested)
  redis.call('SET', base .. id .. ':lock', token, 'PX', lockMs)
  local job = redis.call('HGETALL', base .. id)
  -- Only in the answer; nothing of a partition has a progress of its own.
  if rested then
    job[#job + 1] = 'progress'
    job[#job + 1] = '1'
  end
  return { job, id, 0, 0 }
end
local clock
local function now()
  if not clock then
    local time = redis.call('TIME')
    clock = time[1] * 1000 + math.floor(time[2] / 1000)
  end
  return clock
end
-- The oldest of \`ids\`, which begin with the newest, whose chat is not among \`taken\` and is not put off. The chats of those
-- before it come among \`taken\`, and into \`first\` with their place, counted from \`from\` on.
-- Returns the job, if any, and how many are before it; nothing at all where no later one may be taken either.
local function oldestFree(base, ids, taken, first, from)
  for at = #ids, 1, -1 do
    local job = redis.call('HMGET', base .. ids[at], 'chat', 'due', 'off')
    local chat, due, off = job[1], tonumber(job[2]), tonumber(job[3])
    -- A job that the release before has added does not say whose it is, so it goes beside none and before none.
    if not chat and next(taken) then return nil end
    local rest = due and due - now() or 0
    local isOff = rest > 0 and rest <= (off or rest)
    if not taken[chat or ''] and not isOff then return ids[at], #ids - at end
    if not chat then return nil end
    taken[chat] = math.max(taken[chat] or 0, isOff and due or 0)
    first[chat] = first[chat] or from + #ids - at
  end
  return nil, #ids
end
local function lookFurther(base, taken, first)
  local wait, far, at = base .. 'wait', base .. 'far', ${LOOK_THROUGH}
  local kept = redis.call('GET', far)
  if kept then kept = cmsgpack.unpack(kept) end
  if kept and kept.now <= now() then
    -- Of a list that has become shorter than that place, LRANGE gives what is left, which begins at a smaller place.
    local cut = math.max(kept.at - redis.call('LLEN', wait), 0)
    for index, id in ipairs(redis.call('LRANGE', wait, -kept.at, ${LOOK_THROUGH} - 1 - kept.at)) do
      if id == kept.last then
        local moved = cut + index - 1
        at = kept.at - moved
        local until_ = at
        for chat, due in pairs(kept.chats) do
          -- Too early by what was taken behind it, which costs some steps and loses nothing.
          local place = math.max(kept.first[chat] - moved, 0)
          if taken[chat] or due > now() then
            taken[chat] = math.max(taken[chat] or 0, due)
            first[chat] = math.min(first[chat] or place, place)
          else
            until_ = math.min(until_, place)
          end
        end
        at = math.max(until_, ${LOOK_THROUGH})
        break
      end
    end
  end
  local ids = redis.call('LRANGE', wait, -(at + ${LOOK_FURTHER}), -(at + 1))
  local id, before = oldestFree(base, ids, taken, first, at)
  if not before then return nil end
  at = at + before
  -- A chat whose first job is behind that place is looked for again: what is taken there would make its place too late.
  local chats, places = {}, {}
  for chat, place in pairs(first) do
    if place < at then
      chats[chat] = taken[chat]
      places[chat] = place
    end
  end
  redis.call('SET', far, cmsgpack.pack({
    at = at, last = redis.call('LINDEX', wait, -at), chats = chats, first = places, now = now()
  }), 'PX', ${FAR_MS})
  -- Whoever is told takes the next step.
  if not id and #ids == ${LOOK_FURTHER} then redis.call('ZADD', base .. 'marker', 0, '0') end
  return id
end
-- The oldest job whose chat has none in hand and is not put off. \`atWork\`: the ids of the jobs in hand.
local function takeFree(base, atWork, token, lockMs)
  if #atWork >= ${AT_ONCE} then return false end
  local taken, first = {}, {}
  for _, id in ipairs(atWork) do
    local lock = redis.call('GET', base .. id .. ':lock')
    local chat = redis.call('HGET', base .. id, 'chat')
    -- Without a lock nobody ends it: the look returns it, and until then only its chat waits.
    if not chat or (lock and not string.find(lock, '${BY_CHATS}', 1, true)) then return false end
    taken[chat] = 0
  end
  local ids = redis.call('LRANGE', base .. 'wait', -${LOOK_THROUGH}, -1)
  local id, before = oldestFree(base, ids, taken, first, 0)
  if before == ${LOOK_THROUGH} then id = lookFurther(base, taken, first) end
  if not id then return false end
  redis.call('LREM', base .. 'wait', -1, id)
  redis.call('LPUSH', base .. 'active', id)
  return hand(base, id, token, lockMs, false)
end
local function take(base, atWork, token, lockMs, rested)
  if #atWork > 0 then
    if redis.call('HEXISTS', base .. 'meta', 'paused') == 1 then return false end
    return takeFree(base, atWork, token, lockMs)
  end
  local id = redis.call('RPOPLPUSH', base .. 'wait', base .. 'active')
  if not id then return false end
  local function back()
    redis.call('RPUSH', base .. 'wait', redis.call('LPOP', base .. 'active'))
  end
  if redis.call('HEXISTS', base .. 'meta', 'paused') == 1 then
    back()
    return false
  end
  local handed = hand(base, id, token, lockMs, rested)
  local job = handed[1]
  for at = 1, #job, 2 do
    if job[at] == 'due' then
      redis.call('DEL', base .. id .. ':lock')
      back()
      return takeFree(base, atWork, token, lockMs)
    end
  end
  return handed
end
`
