import { createHash } from 'node:crypto'
import { InputFile } from 'grammy'
import { Transient, UnknownOutcome, UserError } from '#shared/errors.ts'
import { telegramError, Unreachable } from '#shared/telegram/errors.ts'
import type { RequestProof } from '#shop/payments/proofs.ts'
import type { Visitor } from './visitor.ts'

/** The accepted kinds of receipts, recognised by the first bytes; the file's name decides nothing. */
const KINDS: readonly [ending: string, kind: 'photo' | 'document', sign: RegExp][] = [
  ['png', 'photo', /^\x89PNG/],
  ['jpg', 'photo', /^\xff\xd8\xff/],
  ['webp', 'document', /^RIFF....WEBP/s],
  ['heic', 'document', /^....ftyp(heic|heix|mif1|msf1)/s],
  ['pdf', 'document', /^%PDF-/],
]

/** The same bytes are the same proof; Telegram's own id of a file changes with each upload. */
export const fingerprintOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url')

/**
 * Sends a file to the person's chat, as if they had sent it there, so that admins see it through the bot like every
 * proof.
 * @throws UserError `web.proof-file` when it is no picture and no PDF, `web.no-chat`
 */
export async function sendUpload(
  { bot, personId, t }: Visitor,
  bytes: Buffer,
  number: string,
): Promise<RequestProof> {
  const start = bytes.subarray(0, 12).toString('latin1')
  const [ending, kind] = KINDS.find(([, , sign]) => sign.test(start)) ?? []
  if (!ending || !kind) throw new UserError('web.proof-file')
  const about = { caption: t('web-proof-caption', { number }) }
  const file = () => new InputFile(bytes, `receipt.${ending}`)
  const sent = async (as: 'photo' | 'document'): Promise<RequestProof> => {
    const to = Number(personId)
    const message =
      as === 'photo'
        ? await bot.uploads.sendPhoto(to, file(), about)
        : await bot.uploads.sendDocument(to, file(), about)
    const sentFile = 'photo' in message ? message.photo.at(-1)! : message.document
    // When a person forwards the chat's message, the receipt is known as the same one by Telegram's id of the file.
    const also = sentFile.file_unique_id
    return { kind: as, fingerprint: fingerprintOf(bytes), also, fileId: sentFile.file_id, text: null }
  }
  try {
    // A picture that Telegram refuses as a photo, because it is too long or too thin, is sent as a file.
    return await (kind === 'photo' ? sent('photo').catch(() => sent('document')) : sent('document'))
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) throw new UserError('web.no-chat')
    if (meaning instanceof UnknownOutcome) throw new Transient('Telegram did not answer', { cause: error })
    throw meaning
  }
}
