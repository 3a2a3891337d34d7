import { setTimeout } from 'node:timers/promises'
import { mailingsSql } from './tables.ts'
import { asEdit, contentOf, isAlbum } from './content.ts'
import type { Content, Contents, LinkButton } from './content.ts'
import { mustBeDraft, parentOf, sentIn } from './launch.ts'
import type { Mailer } from './launch.ts'
import { createMailing, readMailing } from './mailings.ts'
import { draftPrint, editDraft } from './drafts.ts'
import type { Mailing } from './mailings.ts'
import { Transient, UserError } from '#shared/errors.ts'
import { telegramError } from '#shared/telegram/errors.ts'

/** A draft as it is typed at the panel: one text for each language that has its own, '' = for all others. */
export interface Typed extends Pick<Mailing, 'audience' | 'options' | 'startAt'> {
  texts: Readonly<Record<string, string>>
  buttons: LinkButton[][]
}

type Written = Pick<Mailing, 'contents' | 'audience' | 'options' | 'startAt'>

const BLANK: Written = { contents: {}, audience: {}, options: {}, startAt: null }

/** Which texts are new, and what stays of the draft: a picture or an album stays until words take its place. */
export async function plannedDraft(mailer: Mailer, typed: Typed, old?: Mailing) {
  const kept: Contents = {}
  const fresh: Record<string, { text: string; sent?: Content }> = {}
  const parent = old?.action === 'edit' ? await parentOf(mailer.app.db, old) : undefined
  for (const [language, text] of Object.entries(typed.texts)) {
    const before = old?.contents[language]
    if (before && text === (before.text ?? '').trim())
      kept[language] = { ...before, buttons: isAlbum(before) ? [] : typed.buttons }
    else if (text !== '') {
      const sent = parent && sentIn(language, parent)
      if (sent) asEdit({ text, media: [], buttons: [], sources: {} }, sent)
      fresh[language] = { text, ...(sent && { sent }) }
    }
  }
  // copyMessages knows neither buttons nor allow_paid_broadcast (Bot API).
  const album = Object.values(kept).some(isAlbum)
  const options = album ? { ...typed.options, paid: false, optOut: false } : typed.options
  return { kept, fresh, options, isEmpty: Object.keys({ ...kept, ...fresh }).length === 0 }
}

/**
 * Writes what was typed. A mailing is a copy of a message, so the bot sends each new text to the admin's own chat first:
 * they see there what everybody will. Nothing is written over what another admin has changed meanwhile.
 * @param print of the draft that the form was filled with; undefined for a new one
 * @throws UserError `broadcast.draft-changed`, `broadcast.started`, `broadcast.not-shown`
 */
export async function writeDraft(mailer: Mailer, id: string, typed: Typed, print?: string): Promise<void> {
  const { app, bot, personId } = mailer
  const old = print === undefined ? undefined : await mustBeDraft(mailer, id)
  const { kept, fresh, options } = await plannedDraft(mailer, typed, old)
  const { audience, startAt } = typed
  const rest: Written = { contents: kept, audience, options, startAt }
  // A browser that did not hear the answer sends the same draft again: it is stored already.
  if (old && Object.keys(fresh).length === 0 && draftPrint(old) === draftPrint(rest)) return
  const before = draftPrint(old ?? BLANK)
  if (print !== undefined && print !== before) throw new UserError('broadcast.draft-changed')
  const contents: Contents = { ...kept }
  for (const [language, { text, sent }] of Object.entries(fresh)) {
    const content = { ...(await shownToMyself(mailer, text)), buttons: typed.buttons }
    contents[language] = sent ? asEdit(content, sent) : content
  }
  await app.db.tx(async (tx) => {
    if (!old) await createMailing(tx, { id, bot: bot.name, createdBy: personId })
    await tx.rows(mailingsSql.selectFrom('broadcasts').select('id').where('id', '=', id).forUpdate())
    const now = (await readMailing(tx, id))!
    const next = { ...rest, contents }
    // Two presses at the same moment write the same; a new draft has its id from its form.
    if (draftPrint(now) === draftPrint(next) || (!old && draftPrint(now) !== before)) return
    if (draftPrint(now) !== before) throw new UserError('broadcast.draft-changed')
    if (!(await editDraft(tx, id, next))) throw new UserError('broadcast.started')
  })
}

/** A chat takes about one message a second: what has to wait for its turn was not sent, and is tried again. */
const TRIES = 5

async function shownToMyself({ app, bot, personId }: Mailer, text: string): Promise<Content> {
  for (let tried = 1; ; tried++) {
    try {
      return contentOf(bot.name, await bot.notices.sendMessage(Number(personId), text))
    } catch (error) {
      const reason = telegramError(error)
      if (reason instanceof Transient && tried < TRIES) {
        await setTimeout(Math.min(reason.retryAfterMs ?? 1_000, 3_000))
        continue
      }
      app.log.info(
        { person: personId, reason: reason.message },
        'the text of a mailing could not be sent to its admin',
      )
      throw new UserError('broadcast.not-shown')
    }
  }
}
