/**
 * What a Redis says that answers and takes no writes just now: it became a replica, lost its replicas, is full, cannot
 * save, or is loading its file. Inside a script older servers wrap the same words: "ERR Error running script …: -OOM …".
 */
const REFUSES = /(?:^|-)(READONLY|NOREPLICAS|OOM|MISCONF|LOADING|MASTERDOWN|CLUSTERDOWN|BUSY|UNBLOCKED)\b/
/** What ioredis says when it has no connection or no answer. */
const AWAY = /Stream isn't writeable|Connection is closed|Command timed out|max retries per request/

/** Whether the error or what caused it is about the state of Redis, and not about what was asked. */
export function redisIsAway(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (REFUSES.test(at.message) || AWAY.test(at.message)) return true
  }
  return false
}

/**
 * Whether another connection may lead to a server that takes writes. After a fail-over in which an address moves, the
 * connections to the server before stay open: it is a replica now, or has lost its replicas. A full server is full on
 * every connection.
 */
export function isNotThePrimary(error: Error): boolean {
  return /(?:^|-)(READONLY|NOREPLICAS|UNBLOCKED)\b/.test(error.message)
}
