import { mailingsSql } from '../tables.ts'
import { countAudience } from '../audience.ts'
import {
  countEditable,
  draftPrint,
  editDraft,
  languagesOf,
  readMailing,
  scheduleMailing,
} from '../mailings.ts'
import type { Mailing } from '../mailings.ts'
import type { Options } from '../tables.ts'
import { duration, reasonLine } from '../card.ts'
import { starsFor } from '../fee.ts'
import { asEdit, contentOf, isAlbum, joinAlbum, parseButtons } from '../content.ts'
import type { Content } from '../content.ts'
import { audit } from '#shared/audit.ts'
import { UserError } from '#shared/errors.ts'
import { PAID_RATE } from '#shared/telegram/budget-rules.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { describeAudience } from './audience.ts'
import { checkEdit, parentOf, preview, sentIn, shortOf, testToAdmins } from './checks.ts'
import { draftOf, ofThisBot, showLive } from './page.ts'
import { parseTime } from '#workers/bot/time.ts'
import { LANGUAGES, isLanguage } from '#shared/i18n/languages.ts'

/** The page on which a mailing is written: words, buttons, tests, time, and how many people it reaches. */
export const mailingDraft: Feature = {
  adminButtons: {
    'b-content': (chat, [id = '', language = '']) => askContent(chat, id, language),
    'b-buttons': askButtons,
    'b-preview': (chat, [id = '']) => preview(chat, id, [Number(chat.personId)]),
    'b-test': testToAdmins,
    'b-option': toggle,
    'b-when': askWhen,
    'b-now': (chat, [id = '']) => setTime(chat, id, null),
    'b-start': launch,
  },
  adminInputs: { 'b-content': takeContent, 'b-buttons': takeButtons, 'b-when': takeTime },
}

export async function askContent(chat: Chat, id: string, language: string): Promise<void> {
  chat.session.awaiting = { input: 'b-content', args: [id, language] }
  await show(chat, {
    text: chat.t('broadcast-content-ask', { language: languageName(chat, language) }),
    keyboard: [back(chat, ['b-page', id])],
  })
}

/** An album comes as several updates: the further ones join the first, and the page is shown once. */
async function takeContent(chat: Chat, [id = '', language = '']: string[]): Promise<void> {
  const mailing = await draftOf(chat, id)
  const message = chat.ctx.message!
  const before = mailing.contents[language]
  const joins = message.media_group_id !== undefined && before?.groupId === message.media_group_id
  const sent = mailing.action === 'edit' ? sentIn(language, await parentOf(chat, mailing)) : undefined
  const content = joins
    ? joinAlbum(before, chat.bot.name, message)
    : { ...contentOf(chat.bot.name, message), buttons: before?.buttons ?? sent?.buttons ?? [] }
  if (isAlbum(content)) content.buttons = []
  // copyMessages knows neither buttons nor allow_paid_broadcast (Bot API).
  const options = isAlbum(content) ? { ...mailing.options, paid: false, optOut: false } : undefined
  const kept = sent && message.media_group_id === undefined ? asEdit(content, sent) : content
  await editDraft(chat.app.db, id, { contents: { ...mailing.contents, [language]: kept }, options })
  if (message.media_group_id === undefined) chat.session.awaiting = undefined
  if (!joins) await showMailingDraft(chat, await draftOf(chat, id))
}

export async function showMailingDraft(chat: Chat, mailing: Mailing): Promise<void> {
  const { id, contents, audience, options, action } = mailing
  if (Object.keys(contents).length === 0) return await askContent(chat, id, '')
  const count =
    action === 'edit'
      ? await countEditable(chat.app.db, mailing.parentId!, languagesOf(contents))
      : await countAudience(chat.app.db.reads, audience, mailing.bot, languagesOf(contents))
  const rate = options.paid ? PAID_RATE : chat.app.config.telegram.sendRate
  const album = Object.values(contents).some(isAlbum)
  const lines = [
    `📣 <b>${chat.t(`broadcast-title-${action}`)}</b> · ${chat.t('broadcast-state-draft')}`,
    '',
    ...Object.entries(contents).map(([language, content]) => describeContent(chat, language, content)),
    ...(action === 'send'
      ? [chat.t('broadcast-audience', { audience: describeAudience(chat, audience) })]
      : []),
    chat.t('broadcast-count', { count, time: duration((key, params) => chat.t(key, params), count / rate) }),
    chat.t('broadcast-when', {
      when: mailing.startAt ? chat.when(mailing.startAt) : chat.t('broadcast-at-once'),
    }),
    ...(options.paid
      ? [chat.t('broadcast-price', { stars: chat.money(BigInt(starsFor(count)), 'XTR') })]
      : []),
    ...(album ? [chat.t('broadcast-album-hint')] : []),
    ...(mailing.reason ? ['', reasonLine(chat.texts, chat.language, mailing.reason)] : []),
  ]
  const option = (name: keyof Options) =>
    button(chat, `${options[name] ? '☑️' : '▫️'} ${chat.t(`broadcast-option-${name.toLowerCase()}`)}`, [
      'b-option',
      id,
      name,
    ])
  await show(chat, {
    text: lines.join('\n'),
    keyboard: [
      [
        button(chat, chat.t('broadcast-preview'), ['b-preview', id]),
        button(chat, chat.t('broadcast-test'), ['b-test', id]),
      ],
      [
        button(chat, chat.t('broadcast-rewrite'), ['b-content', id, '']),
        ...(album ? [] : [button(chat, chat.t('broadcast-buttons'), ['b-buttons', id])]),
      ],
      LANGUAGES.map((language) =>
        button(chat, chat.t(`broadcast-in-${language}`), ['b-content', id, language]),
      ),
      ...(action === 'send'
        ? [
            [
              button(chat, chat.t('broadcast-whom'), ['b-audience', id]),
              button(chat, chat.t('broadcast-time'), ['b-when', id]),
            ],
            [option('silent'), option('optOut')],
            ...(album ? [] : [[option('paid')]]),
          ]
        : []),
      [
        button(
          chat,
          chat.t(`broadcast-start-${action}`, { count }),
          ['b-start', id, count, draftPrint(mailing)],
          'primary',
        ),
      ],
      [button(chat, chat.t('broadcast-drop'), ['b-cancel', id]), ...back(chat, 'b-list')],
    ],
  })
}

function describeContent(chat: Chat, language: string, content: Content): string {
  const kind = isAlbum(content)
    ? chat.t('broadcast-kind-album', { count: content.media.length })
    : chat.t(`broadcast-kind-${content.media[0]?.kind.replaceAll('_', '-') ?? 'text'}`)
  const buttons = content.buttons.flat().length
  return chat.t('broadcast-content-line', { language: languageName(chat, language), kind, buttons })
}

function languageName(chat: Chat, language: string): string {
  return isLanguage(language) ? chat.texts.t(language, 'language-name') : chat.t('broadcast-all-languages')
}

async function askButtons(chat: Chat, [id = '']: string[]): Promise<void> {
  chat.session.awaiting = { input: 'b-buttons', args: [id] }
  await show(chat, { text: chat.t('broadcast-buttons-ask'), keyboard: [back(chat, ['b-page', id])] })
}

async function takeButtons(chat: Chat, [id = '']: string[]): Promise<void> {
  const mailing = await draftOf(chat, id)
  const text = chat.ctx.message?.text ?? ''
  const buttons = /^[-—]$/.test(text.trim()) ? [] : parseButtons(text)
  const contents = Object.fromEntries(
    Object.entries(mailing.contents).map(([language, content]) => [language, { ...content, buttons }]),
  )
  await editDraft(chat.app.db, id, { contents })
  chat.session.awaiting = undefined
  await showMailingDraft(chat, await draftOf(chat, id))
}

async function toggle(chat: Chat, [id = '', name = '']: string[]): Promise<Answer> {
  const mailing = await draftOf(chat, id)
  const option = name as keyof Options
  const options = { ...mailing.options, [option]: !mailing.options[option] }
  await editDraft(chat.app.db, id, { options })
  await showMailingDraft(chat, await draftOf(chat, id))
  if (option !== 'paid' || !options.paid) return
  const balance = await chat.bot.notices.getMyStarBalance().catch(() => undefined)
  return { alert: chat.t('broadcast-paid-hint', { stars: chat.money(BigInt(balance?.amount ?? 0), 'XTR') }) }
}

async function askWhen(chat: Chat, [id = '']: string[]): Promise<void> {
  chat.session.awaiting = { input: 'b-when', args: [id] }
  await show(chat, {
    text: chat.t('broadcast-when-ask'),
    keyboard: [[button(chat, chat.t('broadcast-at-once'), ['b-now', id])], back(chat, ['b-page', id])],
  })
}

async function takeTime(chat: Chat, [id = '']: string[]): Promise<void> {
  const at = parseTime(chat.ctx.message?.text ?? '', new Date())
  if (!at) throw new UserError('broadcast.time')
  await setTime(chat, id, at)
}

async function setTime(chat: Chat, id: string, at: Date | null): Promise<void> {
  chat.session.awaiting = undefined
  await editDraft(chat.app.db, id, { startAt: at })
  await showMailingDraft(chat, await draftOf(chat, id))
}

/**
 * Starts the mailing as the admin saw it. If it now reaches many more people than the button said, or if another admin
 * has changed the draft since, the page is shown again instead.
 */
async function launch(chat: Chat, [id = '', agreed = '', print = '']: string[]): Promise<Answer> {
  const mailing = await ofThisBot(chat, id)
  if (mailing.state !== 'draft') return await showLive(chat, mailing)
  const changed = async (): Promise<Answer> => {
    await showMailingDraft(chat, await draftOf(chat, id))
    return { alert: chat.t('broadcast-draft-changed') }
  }
  if (draftPrint(mailing) !== print) return await changed()
  if (mailing.action === 'send') {
    const { audience, bot, contents } = mailing
    const count = await countAudience(chat.app.db, audience, bot, languagesOf(contents))
    if (count === 0) return { alert: chat.t('broadcast-nobody') }
    if (count > Number(agreed) * 1.05 + 10) {
      await showMailingDraft(chat, mailing)
      return { alert: chat.t('broadcast-grown', { count }) }
    }
    const short = mailing.options.paid ? await shortOf(chat, mailing) : undefined
    if (short) return { alert: short }
  }
  if (mailing.action === 'edit') await checkEdit(chat, mailing)
  chat.session.awaiting = undefined
  const same = await chat.app.db.tx(async (tx) => {
    await tx.rows(mailingsSql.selectFrom('broadcasts').select('id').where('id', '=', id).forUpdate())
    const now = await readMailing(tx, id)
    if (now?.state === 'draft' && draftPrint(now) !== print) return false
    if (!(await scheduleMailing(tx, id))) return true
    await audit(tx, {
      actor: chat.personId,
      action: `broadcast.${mailing.action === 'edit' ? 'edit' : 'start'}`,
      target: `broadcast ${id}`,
      bot: chat.bot.name,
      details: {
        audience: mailing.audience,
        options: mailing.options,
        people: Number(agreed),
        ...(mailing.options.paid && { starsAtMost: starsFor(Number(agreed)) }),
      },
    })
    return true
  })
  if (!same) return await changed()
  // The page becomes the mailing's live message before the first progress is drawn into it.
  await showLive(chat, await ofThisBot(chat, id))
  chat.app.relay.kick()
}
