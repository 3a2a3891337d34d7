import { createHash } from 'node:crypto'
import { InputFile } from 'grammy'
import { Rejected, Transient, UnknownOutcome, UserError } from '#shared/errors.ts'
import { telegramError, TokenRevoked, Unreachable } from '#shared/telegram/errors.ts'
import type { TextParams } from '#shared/i18n/texts.ts'
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

interface Upload {
  /** The text under the file in the chat. */
  text: string
  params: TextParams
  /** The kinds of files that are taken; by default every kind that a receipt may have. */
  kinds?: readonly ('photo' | 'document')[]
  /** The error's code for any other file. */
  refusal?: 'web.proof-file' | 'web.photo-file'
}

/**
 * Sends a file to the person's own chat, as if the person had sent it there. The file then has an id, by which the bot
 * sends it to admins or to a provider of pictures.
 * @throws UserError `web.proof-file` or the given code when it is none of the kinds, `web.no-chat`
 */
export async function sendUpload(
  { bot, personId, t }: Visitor,
  bytes: Buffer,
  { kinds = ['photo', 'document'], refusal = 'web.proof-file', text, params }: Upload,
): Promise<RequestProof> {
  const start = bytes.subarray(0, 12).toString('latin1')
  const [ending, kind] = KINDS.find(([, , sign]) => sign.test(start)) ?? []
  if (!ending || !kind || !kinds.includes(kind)) throw new UserError(refusal)
  const about = { caption: t(text, params) }
  const file = () => new InputFile(bytes, `file.${ending}`)
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
    return await sent(kind).catch((error: unknown) => {
      // A picture that Telegram refuses as a photo, because it is too long or too thin, is sent as a file.
      if (kind === 'document' || !kinds.includes('document') || !isRefused(error)) throw error
      return sent('document')
    })
  } catch (error) {
    const meaning = telegramError(error)
    if (meaning instanceof Unreachable) throw new UserError('web.no-chat')
    if (isRefused(error)) throw new UserError(refusal)
    if (meaning instanceof UnknownOutcome) throw new Transient('Telegram did not answer', { cause: error })
    throw meaning
  }
}

/** Telegram has looked at the file and does not take it. Nothing was sent. */
function isRefused(error: unknown): boolean {
  const meaning = telegramError(error)
  const isOfFile = !(meaning instanceof Unreachable || meaning instanceof TokenRevoked)
  return meaning instanceof Rejected && isOfFile
}

/** Bound to the person and the bot, because a file's number is good in one bot. */
const photoOf = ({ personId, bot }: Visitor) => `photo of a page ${bot.name} ${personId}`

/**
 * Sends a photo to the person's chat.
 * @returns its number in this bot, sealed, so that a page can hand it back and nobody can make one up
 * @throws UserError `web.photo-file`, `web.no-chat`
 */
export async function sendPhoto(
  visitor: Visitor,
  bytes: Buffer,
  caption: Pick<Upload, 'text' | 'params'>,
): Promise<{ photo: string }> {
  const refusal = 'web.photo-file'
  const { kind, fileId } = await sendUpload(visitor, bytes, { ...caption, kinds: ['photo'], refusal })
  if (kind !== 'photo' || fileId === null) throw new UserError(refusal)
  return { photo: visitor.app.secrets.encrypt(photoOf(visitor), fileId).toString('base64url') }
}

/** @returns undefined for what no page of this person has been given */
export function openPhoto(visitor: Visitor, sealed: string): string | undefined {
  try {
    return visitor.app.secrets.decrypt(photoOf(visitor), Buffer.from(sealed, 'base64url'))
  } catch {
    return undefined
  }
}
