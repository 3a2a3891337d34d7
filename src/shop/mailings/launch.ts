import { mailingsSql } from './tables.ts'
import { countAudience } from './audience.ts'
import { guessAudience } from './guess.ts'
import type { Reach } from './guess.ts'
import { asEdit, isAlbum, languagesOf } from './content.ts'
import type { Content } from './content.ts'
import { duration } from './card.ts'
import { shortOfStars, starsFor } from './fee.ts'
import { countEditable, guessEditable, readMailing, scheduleMailing } from './mailings.ts'
import { draftPrint } from './drafts.ts'
import type { Mailing } from './mailings.ts'
import { mailingOf } from './moves.ts'
import { describeAudience } from './rules.ts'
import { audit } from '#shared/audit.ts'
import type { Context } from '#shared/context.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import { isLanguage } from '#shared/i18n/languages.ts'
import type { Reader } from '#shared/reader.ts'
import { PAID_RATE } from '#shared/telegram/budget-rules.ts'
import type { ServedBot } from '#shared/telegram/bots.ts'

/** The admin who writes a mailing, in the chat or at the panel. */
export interface Mailer extends Reader {
  app: Pick<Context, 'db' | 'bots' | 'config' | 'secrets' | 'log'>
  bot: ServedBot
  personId: bigint
}

/** @throws UserError `broadcast.started` when nothing can be changed any more */
export async function mustBeDraft({ app, bot }: Mailer, id: string): Promise<Mailing> {
  const mailing = await mailingOf(app.db, bot.name, id)
  if (mailing.state !== 'draft') throw new UserError('broadcast.started')
  return mailing
}

export function nameOfLanguage(reader: Reader, language: string): string {
  return isLanguage(language)
    ? reader.texts.t(language, 'language-name')
    : reader.t('broadcast-all-languages')
}

/** What is shown of a draft before it is started. */
type Draft = Pick<Mailing, 'contents' | 'options' | 'audience' | 'action' | 'startAt' | 'parentId' | 'bot'>

/** How many people a draft reaches as it is. */
export const countDraft = (mailer: Mailer, { action, contents, parentId, audience, bot }: Draft) =>
  action === 'edit'
    ? countEditable(mailer.app.db, parentId!, languagesOf(contents))
    : countAudience(mailer.app.db.reads, audience, bot, languagesOf(contents))

/**
 * The same while it is written: every press shows the page anew, so the people of a large bot are guessed where they are not
 * known without a look at all of them.
 */
export async function lookAtDraft(mailer: Mailer, draft: Draft): Promise<Reach> {
  const { action, audience, bot, contents, parentId } = draft
  const [{ reads }, languages] = [mailer.app.db, languagesOf(contents)]
  return action === 'edit'
    ? await guessEditable(reads, parentId!, languages)
    : await guessAudience(reads, audience, bot, languages)
}

/** A draft in lines, of a start for so many people. */
export function describeDraft(mailer: Mailer, mailing: Draft, reach: Reach): string[] {
  const { count, isGuess } = reach
  const guessed = guessLine(mailer, reach)
  const { contents, options, audience, action, startAt } = mailing
  const { t } = mailer
  const rate = options.paid ? PAID_RATE : mailer.app.config.telegram.sendRate
  return [
    ...Object.entries(contents).map(([language, content]) => describeContent(mailer, language, content)),
    ...(action === 'send' ? [t('broadcast-audience', { audience: describeAudience(mailer, audience) })] : []),
    ...(isGuess && count === 0
      ? guessed.map((line) => `📨 ${line}`)
      : [
          t('broadcast-count', { about: about(mailer, isGuess), count, time: duration(t, count / rate) }),
          ...guessed,
        ]),
    t('broadcast-when', { when: startAt ? mailer.when(startAt) : t('broadcast-at-once') }),
    ...(options.paid
      ? [
          t('broadcast-price', {
            about: about(mailer, isGuess),
            stars: mailer.money(BigInt(starsFor(count)), 'XTR'),
          }),
        ]
      : []),
    ...(Object.values(contents).some(isAlbum) ? [t('broadcast-album-hint')] : []),
  ]
}

/** The word before a number that is a guess. */
export const about = ({ t }: Pick<Reader, 't'>, isGuess: boolean): string =>
  isGuess ? `${t('audience-about')} ` : ''

/** How far a guess may be from the number, and when the number will be known. */
export const guessLine = ({ t }: Pick<Reader, 't'>, { count, off }: Reach): string[] =>
  off === undefined ? [] : [t(count === 0 ? 'audience-none-guessed' : 'audience-guessed', { off })]

function describeContent(reader: Reader, language: string, content: Content): string {
  const kind = isAlbum(content)
    ? reader.t('broadcast-kind-album', { count: content.media.length })
    : reader.t(`broadcast-kind-${content.media[0]?.kind.replaceAll('_', '-') ?? 'text'}`)
  const buttons = content.buttons.flat().length
  return reader.t('broadcast-content-line', { language: nameOfLanguage(reader, language), kind, buttons })
}

/** What an admin has seen when they start a mailing. */
export interface Agreed {
  count: number
  print: string
}

/**
 * Starts the mailing as the admin saw it, and not if it now reaches many more people than they were told, or if another
 * admin has changed the draft since.
 * @returns false when it is no draft any more
 * @throws UserError `broadcast.draft-changed`, `broadcast.nobody`, `broadcast.grown`, `broadcast.no-stars`, and of an edit
 */
export async function launchMailing(mailer: Mailer, id: string, agreed: Agreed): Promise<boolean> {
  const { app, bot, personId } = mailer
  const mailing = await mailingOf(app.db, bot.name, id)
  if (mailing.state !== 'draft') return false
  await mayStart(mailer, mailing, agreed)
  return await app.db.tx(async (tx) => {
    await tx.rows(mailingsSql.selectFrom('broadcasts').select('id').where('id', '=', id).forUpdate())
    const now = await readMailing(tx, id)
    if (now?.state === 'draft' && draftPrint(now) !== agreed.print)
      throw new UserError('broadcast.draft-changed')
    if (!(await scheduleMailing(tx, id))) return false
    await audit(tx, {
      actor: personId,
      action: `broadcast.${mailing.action === 'edit' ? 'edit' : 'start'}`,
      target: `broadcast ${id}`,
      bot: bot.name,
      details: {
        audience: mailing.audience,
        options: mailing.options,
        people: agreed.count,
        ...(mailing.options.paid && { starsAtMost: starsFor(agreed.count) }),
      },
    })
    return true
  })
}

/** Makes the checks of the start without starting, so that an admin hears of a refusal early. */
export async function mayStart(mailer: Mailer, mailing: Mailing, agreed: Agreed): Promise<void> {
  const { app } = mailer
  if (draftPrint(mailing) !== agreed.print) throw new UserError('broadcast.draft-changed')
  if (mailing.action === 'edit') return await checkEdit(app.db, mailing)
  const { audience, bot: home, contents } = mailing
  const languages = languagesOf(contents)
  const count = await countAudience(app.db, audience, home, languages)
  if (count === 0) throw new UserError('broadcast.nobody')
  if (count > agreed.count * 1.05 + 10) throw new UserError('broadcast.grown', { count })
  if (!mailing.options.paid) return
  // A paid mailing begins only when each bot holds the Stars for its part.
  const [short] = await shortOfStars(app.db, app.bots, { audience, home, languages })
  const stars = (sum: number) => mailer.money(BigInt(sum), 'XTR')
  if (short)
    throw new UserError('broadcast.no-stars', {
      bot: short.bot,
      needs: stars(short.needs),
      has: stars(short.has),
    })
}

/** The mailing that an edit is about. */
export async function parentOf(sql: Sql, { parentId }: Mailing): Promise<Mailing> {
  const parent = parentId ? await readMailing(sql, parentId) : undefined
  if (!parent) throw new UserError('admin.not-found')
  return parent
}

/**
 * Checks an edit when it starts, because the parts of an album arrive one by one before that. The words of every language
 * must fit the message that was sent in this language.
 */
async function checkEdit(sql: Sql, mailing: Mailing): Promise<void> {
  const { contents } = await parentOf(sql, mailing)
  for (const [language, content] of Object.entries(mailing.contents)) {
    const sent = language === '' ? Object.values(contents) : [sentIn(language, { contents })]
    for (const one of sent) asEdit(content, one)
  }
}

/** The content that readers of a language got. */
export const sentIn = (language: string, { contents }: Pick<Mailing, 'contents'>): Content =>
  contents[language] ?? contents[''] ?? Object.values(contents)[0]!
