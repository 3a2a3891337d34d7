import { setTimeout as sleep } from 'node:timers/promises'

/**
 * The errors of a Redis that answers but takes no writes now: it became a replica, lost its replicas, is full, cannot
 * save, or is loading its file; or of a cluster's node whose slot has moved or moves. Inside a script older servers
 * wrap the same words: "ERR Error running script …: -OOM …".
 */
const REFUSES =
  /(?:^|-)(READONLY|NOREPLICAS|OOM|MISCONF|LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|UNBLOCKED|MOVED|ASK|TRYAGAIN)\b|non local key/
/** The errors of ioredis without a connection or an answer. */
const AWAY = /Stream isn't writeable|Connection is closed|Command timed out|max retries per request/

/** Whether the error, or one of its causes, is about the state of Redis and not about the command. */
export function redisIsAway(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (REFUSES.test(at.message) || AWAY.test(at.message)) return true
  }
  return false
}

/**
 * Whether another connection may lead to a server that takes writes. After a fail-over in which the address moves to
 * another server, open connections still lead to the old one, which is now a replica or has lost its replicas. In a
 * cluster another node has the slot now, or knows who has. A full server, in contrast, is full on every connection.
 */
export function isNotThePrimary(error: Error): boolean {
  return /(?:^|-)(READONLY|NOREPLICAS|UNBLOCKED|MOVED|CLUSTERDOWN)\b/.test(error.message)
}

/**
 * Whether a node of a cluster refuses because the slot is on its way to another node, which takes seconds. The command
 * must not follow: part of the keys are still here.
 */
export function slotMoves(error: Error): boolean {
  return /^(ASK|TRYAGAIN)\b/.test(error.message)
}

/**
 * A BullMQ worker that is refused a job asks again at once: 4,000 times a second while a disk was full. So whoever is
 * refused waits.
 */
const REFUSED_MS = 500

export async function waitIfRefused<T>(take: Promise<T>): Promise<T> {
  try {
    return await take
  } catch (error) {
    await sleep(REFUSED_MS)
    throw error
  }
}
