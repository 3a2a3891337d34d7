import { finished } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { UserError } from '#shared/errors.ts'
import { createLimit } from '#shared/limits.ts'
import { countFile } from '#shared/sent-files.ts'
import type { WebApp } from './visitor.ts'

/** Bytes of uploads that a gateway holds at the same time. */
const MOST_BYTES = 200 * 1024 * 1024
/** Uploads of one person in ten seconds. */
const UPLOADS = 5

/** Uploads are read into memory, so only a few at a time are let in, and only a few of one person. */
export function createUploads({ backend, db }: Pick<WebApp, 'backend' | 'db'>) {
  const limit = createLimit(backend, { name: 'web-uploads', points: UPLOADS, seconds: 10 })
  let held = 0
  return {
    /**
     * Makes room for an upload of at most so many bytes until its reply has ended.
     * @throws UserError `web.often`, `files.too-many`
     */
    async begin(personId: bigint, reply: FastifyReply, bytes: number): Promise<void> {
      if ((await limit.take(String(personId))) > 0 || held + bytes > MOST_BYTES)
        throw new UserError('web.often')
      held += bytes
      // Also called when the connection was closed while the person was looked up.
      finished(reply.raw, () => (held -= bytes))
      await countFile(db, personId)
    },
  }
}

export type Uploads = ReturnType<typeof createUploads>
