import { finished } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { UserError } from '#shared/errors.ts'
import { createLimit } from '#shared/limits.ts'
import { takeLonger } from '#shared/long-requests.ts'
import { countFile } from '#shared/sent-files.ts'
import type { WebApp } from './visitor.ts'

/** Bytes of uploads that a gateway holds at the same time. */
const MOST_BYTES = 200 * 1024 * 1024
/** Uploads of one person in ten seconds, and at the same time: on a slow line one takes minutes. */
const UPLOADS = 5
const AT_ONCE = 2
/** Every file has 10 s, and a second more for each 1 Mbit: a photo of 4 MB has 42 s, a file of 20 MB 170 s. */
const LEAST_MS = 10_000
const BYTES_PER_MS = 125

/** Uploads are read into memory, so only a few at a time are let in, and only a few of one person. */
export function createUploads({ backend, db }: Pick<WebApp, 'backend' | 'db'>) {
  const limit = createLimit(backend, { name: 'web-uploads', points: UPLOADS, seconds: 10 })
  const running = new Map<bigint, number>()
  let held = 0

  /** Room and time are counted by the length that the browser announces, because no byte more is read. */
  function hold(personId: bigint, bytes: number, { raw }: FastifyReply): void {
    const mine = running.get(personId) ?? 0
    if (mine >= AT_ONCE || held + bytes > MOST_BYTES) throw new UserError('web.often')
    running.set(personId, mine + 1)
    held += bytes
    const end = raw.socket && takeLonger(raw.socket, LEAST_MS + bytes / BYTES_PER_MS)
    // Also called when the connection was closed while the person was looked up.
    finished(raw, () => {
      held -= bytes
      const left = running.get(personId)! - 1
      if (left === 0) running.delete(personId)
      else running.set(personId, left)
      end?.()
    })
  }

  return {
    /**
     * Makes room for an upload of at most so many bytes until its reply has ended.
     * @throws UserError `web.often`, `files.too-many`
     */
    async begin(
      personId: bigint,
      { headers }: FastifyRequest,
      reply: FastifyReply,
      most: number,
    ): Promise<void> {
      if ((await limit.take(String(personId))) > 0) throw new UserError('web.often')
      hold(personId, Math.min(Number(headers['content-length'] ?? most), most), reply)
      await countFile(db, personId)
    },
  }
}

export type Uploads = ReturnType<typeof createUploads>
