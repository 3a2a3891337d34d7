import { createHash } from 'node:crypto'
import { isRedisAddress, placeOfRedis } from './redis-address.ts'
import { bullNames, isPartition, queueNames } from './queues.ts'
import type { QueueName } from './queues.ts'

/** REDIS_QUEUES: which queues are on other Redis servers than the one of REDIS_URL. */
export interface QueueMap {
  /** The servers of each such queue; the partitions of an ordered queue are spread over them. */
  homes: Partial<Record<QueueName, string[]>>
  /** Servers that are being emptied: they get no new jobs, and the jobs left on them are still done. */
  drain: string[]
}

export interface RedisTarget {
  kind: 'redis'
  url: string
  /** Which queues have other servers than that of `url`. */
  map?: QueueMap | undefined
  /** Whether this process has doors and so puts updates on partitions. */
  doors?: boolean
}

const DRAIN = 'drain'
const EXAMPLE =
  '{"updates":["redis://user:password@a:6379","redis://user:password@b:6379"],"billing":"redis://user:password@b:6379"}'

/**
 * Reads REDIS_QUEUES. Error messages never quote its text, because the text holds passwords.
 * @throws Error that says how the variable is written
 */
export function readQueueMap(text: string): QueueMap {
  let read: unknown
  try {
    read = JSON.parse(text)
  } catch {
    throw new Error(`must be a JSON object like ${EXAMPLE}`)
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) {
    throw new Error(`must be a JSON object like ${EXAMPLE}`)
  }
  const map: QueueMap = { homes: {}, drain: [] }
  /** The text of each server's address: if one server is written in two ways, nobody knows which password is right. */
  const written = new Map<string, string>()
  for (const [name, value] of Object.entries(read)) {
    if (name !== DRAIN && !(queueNames as string[]).includes(name)) {
      throw new Error(`knows no queue "${name}": there are ${queueNames.join(', ')}, and "${DRAIN}"`)
    }
    const addresses = [value].flat() as unknown[]
    if (addresses.length === 0)
      throw new Error(`has no server for ${name}: leave it out for that of REDIS_URL`)
    if (!addresses.every((one) => typeof one === 'string' && isRedisAddress(one))) {
      throw new Error(
        `has something for ${name} that is no address like redis://user:password@host:6379, or no list of them; special characters in the password are percent-encoded`,
      )
    }
    const all = addresses as string[]
    const places = all.map(placeOfRedis)
    const twice = places.find((place, index) => places.indexOf(place) !== index)
    if (twice !== undefined) throw new Error(`names ${twice} twice for ${name}`)
    for (const [index, place] of places.entries()) {
      const before = written.get(place) ?? all[index]!
      if (before !== all[index]) throw new Error(`writes ${place} in two ways: write it the same everywhere`)
      written.set(place, before)
    }
    if (name === DRAIN) map.drain = all
    else map.homes[name as QueueName] = all
  }
  return map
}

/** Every address once; the first is that of REDIS_URL. */
export function addressesOf(url: string, map?: QueueMap): string[] {
  return [...new Set([url, ...Object.values(map?.homes ?? {}).flat(), ...(map?.drain ?? [])])]
}

/** The address that each BullMQ queue belongs to. */
export function homesOf(url: string, map: QueueMap | undefined, partitions: number): Map<string, string> {
  const homes = new Map<string, string>()
  for (const queue of queueNames) {
    const servers = map?.homes[queue] ?? [url]
    const names = bullNames(queue, partitions)
    // The admins' partitions are spread separately, so that no single server has all of them.
    for (const part of [names.slice(0, partitions), names.slice(partitions)]) {
      const places = spread(part.length, servers.length)
      for (const [index, name] of part.entries()) homes.set(name, servers[places[index]!]!)
    }
  }
  return homes
}

/**
 * A short text that says on which servers the ordered queues are: two processes with the same servers have the same
 * text.
 */
export function spreadOf(homes: Map<string, string>): string {
  const places = [...homes].filter(([name]) => isPartition(name)).map(([, url]) => placeOfRedis(url))
  return createHash('sha1').update(places.join(' ')).digest('hex').slice(0, 12)
}

/**
 * Says for each partition which server of a list it belongs to, evenly. A server added at the end of the list takes
 * its share from the others and no other partition moves; a server removed from the end gives its partitions back.
 */
export function spread(partitions: number, servers: number): number[] {
  const home = Array.from({ length: partitions }, () => 0)
  const held = [partitions]
  for (let added = 1; added < servers; added++) {
    held.push(0)
    const share = Math.floor(partitions / (added + 1))
    for (let taken = 0; taken < share; taken++) {
      const fullest = held.indexOf(Math.max(...held))
      home[home.lastIndexOf(fullest)] = added
      held[fullest]!--
      held[added]!++
    }
  }
  return home
}
