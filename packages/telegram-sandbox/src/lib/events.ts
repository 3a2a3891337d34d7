import type { ServerResponse } from 'node:http'

export interface LoggedEvent {
  id: number
  type: string
  data: Record<string, unknown>
}

/** The last `limit` events, each with a growing id, and whoever listens to them. */
export interface EventLog {
  emit(type: string, data: Record<string, unknown>): void
  after(id: number): { events: LoggedEvent[]; missing: boolean }
  listen(listener: (event: LoggedEvent) => void): () => void
  last(): number
  clear(): void
}

export function createEventLog(limit: () => number): EventLog {
  let lastId = 0
  let events: LoggedEvent[] = []
  const listeners = new Set<(event: LoggedEvent) => void>()
  return {
    emit(type, data) {
      const event = { id: ++lastId, type, data }
      events.push(event)
      // Trimmed at twice the size: a shift of the whole array per event would cost more than the event.
      if (events.length > 2 * limit()) events = events.slice(-limit())
      for (const listener of listeners) listener(event)
    },
    after(id) {
      const kept = events.filter((event) => event.id > id)
      const first = kept[0]?.id ?? lastId + 1
      return { events: kept, missing: first > id + 1 }
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    last: () => lastId,
    clear: () => {
      events = []
    },
  }
}

/** Sends the log as Server-Sent Events, from `lastSeen` on; without it only what happens from now. */
export function streamEvents(
  log: EventLog,
  response: ServerResponse,
  options: { lastSeen?: number; wanted: (event: LoggedEvent) => boolean; headers?: Record<string, string> },
): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-cache',
    'X-Accel-Buffering': 'no',
    ...options.headers,
  })
  const send = (event: LoggedEvent) => {
    if (!options.wanted(event)) return
    response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`)
  }
  response.write(': open\n\n')
  if (options.lastSeen !== undefined) {
    const { events, missing } = log.after(options.lastSeen)
    if (missing) response.write(`event: gap\ndata: {}\n\n`)
    for (const event of events) send(event)
  }
  const stop = log.listen(send)
  const beat = setInterval(() => response.write(': beat\n\n'), 15_000)
  response.on('close', () => {
    stop()
    clearInterval(beat)
  })
}
