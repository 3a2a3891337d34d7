import type { Context } from '#shared/context.ts'
import { download } from '#shared/download.ts'
import { Rejected, UserError } from '#shared/errors.ts'
import { pictureType } from '#shared/picture-type.ts'

/** Bytes: Telegram itself takes pictures of up to 5 MB by their address. */
const MOST_BYTES = 5 * 1024 * 1024
const PATIENCE_MS = 10_000
/** Pictures that a gateway keeps, because many people look at the same items: 40 MB at most. */
const KEPT = 8
const KEPT_MS = 10 * 60_000
/** An address that gave no picture is not asked again for every visitor. */
const FAILED_MS = 60_000

interface Kept {
  bytes: Promise<Buffer>
  until: number
}

/**
 * Fetches the pictures of items for the pages, which load nothing from other hosts: so no other host learns who looks
 * at what. Addresses are typed by admins, so only public ones are asked, and only a picture is handed on.
 */
export function createItemPictures({ config }: Pick<Context, 'config'>) {
  const kept = new Map<string, Kept>()
  const { allowLoopback } = config.images

  async function fetched(address: string): Promise<Buffer> {
    const bytes = await download(address, { maxBytes: MOST_BYTES, timeoutMs: PATIENCE_MS, allowLoopback })
    if (pictureType(bytes) === undefined)
      throw new Rejected('picture.none', 'there is no picture at this address')
    return bytes
  }

  function remember(address: string): Kept {
    const one: Kept = { bytes: fetched(address), until: Date.now() + KEPT_MS }
    one.bytes.catch(() => (one.until = Date.now() + FAILED_MS))
    kept.delete(address)
    kept.set(address, one)
    const [oldest] = kept.keys()
    if (kept.size > KEPT) kept.delete(oldest!)
    return one
  }

  return {
    /** @throws UserError `web.unknown` when there is no picture at the address, Transient when it was not to be had */
    async read(address: string): Promise<Buffer> {
      const known = kept.get(address)
      const { bytes } = known && known.until > Date.now() ? known : remember(address)
      try {
        return await bytes
      } catch (error) {
        throw error instanceof Rejected ? new UserError('web.unknown') : error
      }
    },
  }
}

export type ItemPictures = ReturnType<typeof createItemPictures>
