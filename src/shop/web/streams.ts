import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { Changes } from '#shared/changes.ts'
import { UserError } from '#shared/errors.ts'

/** A person with more open pages than this has many tabs: the oldest streams are closed. */
const STREAMS_OF_ONE = 5
const STREAMS = 5_000
/** Proxies close a connection that is silent for a minute. */
const PING_MS = 25_000
/** After this time the stream is closed. The page connects again, and it is checked again who the person is. */
const LONGEST_MS = 10 * 60_000

/** Server-sent events: an open page hears that something has changed, and asks again for what it shows. */
export function createStreams(changes: Changes) {
  const open = new Map<ServerResponse, { person: bigint; end: () => void }>()
  const ping = setInterval(() => {
    for (const response of open.keys()) response.write(':\n\n')
  }, PING_MS).unref()

  return {
    /**
     * @param ofAll the page shows things of everybody, and not of this person alone
     * @throws UserError `web.often` when the process has as many as it takes
     */
    open(personId: bigint, reply: FastifyReply, { ofAll = false } = {}): void {
      if (open.size >= STREAMS) throw new UserError('web.often')
      const mine = [...open.values()].filter(({ person }) => person === personId)
      if (mine.length >= STREAMS_OF_ONE) mine[0]!.end()
      reply.hijack()
      const response = reply.raw
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        // Without this header nginx holds small answers back until there is more to send.
        'x-accel-buffering': 'no',
      })
      response.write('event: open\ndata: \n\n')
      const tell = () => void response.write('event: change\ndata: \n\n')
      const unfollow = ofAll ? changes.followAll(tell) : changes.follow(personId, tell)
      const over = setTimeout(() => end(), LONGEST_MS).unref()
      const end = (): void => {
        clearTimeout(over)
        unfollow()
        open.delete(response)
        response.end()
      }
      open.set(response, { person: personId, end })
      response.once('close', end)
      response.once('error', end)
    },
    stop(): void {
      clearInterval(ping)
      for (const { end } of open.values()) end()
    },
  }
}
