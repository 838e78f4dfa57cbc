/**
 * The scripts of a priority queue; each is atomic. `ready` is a sorted set by rank and place, `later` by due time, `leased` by the end of
 * the lease, `items` the score of each entry, `leases` the lease of each taken one. The time is that of Redis.
 */
const head = `local ready, later, leased, items, leases, seq, paused = unpack(KEYS)
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local band = 2 ^ 50
local function text(n) return string.format('%.0f', n) end
local function place(id, rank)
  local score = text(rank * band + redis.call('INCR', seq))
  redis.call('ZADD', ready, score, id)
  redis.call('HSET', items, id, score)
end
local function rankOf(id) return math.floor(tonumber(redis.call('HGET', items, id) or 0) / band) end
`;

/** Arguments: the channel to wake, and for each entry its id, rank (0 first) and due time, or 0. */
export const add = `${head}
local woken = false
for i = 2, #ARGV, 3 do
  local id, rank, due = ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  if not redis.call('ZSCORE', leased, id) then
    if due > now then
      redis.call('ZREM', ready, id)
      redis.call('ZADD', later, text(due), id)
      redis.call('HSET', items, id, text(rank * band))
      woken = true
    elseif not redis.call('ZSCORE', ready, id) or rankOf(id) ~= rank then
      redis.call('ZREM', later, id)
      place(id, rank)
      woken = true
    end
  end
end
if woken then redis.call('PUBLISH', ARGV[1], '') end`;

/** Entries that fell due, and those whose lease ended; a thousand of each. */
const returnDue = `
for _, id in ipairs(redis.call('ZRANGEBYSCORE', later, '-inf', now, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', later, id)
  place(id, rankOf(id))
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', leased, '-inf', now, 'LIMIT', 0, 1000)) do
  redis.call('ZREM', leased, id)
  redis.call('HDEL', leases, id)
  redis.call('ZADD', ready, redis.call('HGET', items, id), id)
end
`;

/** Arguments: how many, and the lease in milliseconds. Returns in how many milliseconds something is due, or -1, and ids with leases. */
export const take = `${head}${returnDue}
if redis.call('EXISTS', paused) == 1 then return { -1 } end
local found = {}
for i, id in ipairs(redis.call('ZPOPMIN', ready, ARGV[1])) do
  if i % 2 == 1 then
    local lease = text(redis.call('INCR', seq))
    redis.call('ZADD', leased, text(now + ARGV[2]), id)
    redis.call('HSET', leases, id, lease)
    table.insert(found, id)
    table.insert(found, lease)
  end
end
local soonest = -1
for _, key in ipairs({ later, leased }) do
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  local left = first[2] and math.max(0, tonumber(first[2]) - now)
  if left and (soonest < 0 or left < soonest) then soonest = left end
end
return { soonest, unpack(found) }`;

/** Arguments: ids with leases. Returns how many were removed. */
export const ack = `${head}
local removed = 0
for i = 1, #ARGV, 2 do
  if redis.call('HGET', leases, ARGV[i]) == ARGV[i + 1] then
    redis.call('ZREM', leased, ARGV[i])
    redis.call('HDEL', leases, ARGV[i])
    redis.call('HDEL', items, ARGV[i])
    removed = removed + 1
  end
end
return removed`;

/** Argument: how many. */
export const peek = `${head}${returnDue}
return redis.call('ZRANGE', ready, 0, ARGV[1] - 1)`;
