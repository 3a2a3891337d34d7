import { draftPrint, editDraft } from '../drafts.ts'
import type { Mailing } from '../mailings.ts'
import type { Options } from '../tables.ts'
import { reasonLine } from '../card.ts'
import { asEdit, contentOf, isAlbum, joinAlbum, parseButtons } from '../content.ts'
import {
  countDraft,
  describeDraft,
  launchMailing,
  lookAtDraft,
  nameOfLanguage,
  parentOf,
  sentIn,
} from '../launch.ts'
import { sendPreview, testersOf } from '../preview.ts'
import { UserError } from '#shared/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { draftOf, ofThisBot, showLive } from './page.ts'
import { parseTime } from '../time.ts'
import { LANGUAGES } from '#shared/i18n/languages.ts'

/** The page on which a mailing is written: words, buttons, tests, time, and how many people it reaches. */
export const mailingDraft: Feature = {
  adminButtons: {
    'b-content': (chat, [id = '', language = '']) => askContent(chat, id, language),
    'b-buttons': askButtons,
    'b-preview': (chat, [id = '']) => preview(chat, id, [chat.personId]),
    'b-test': async (chat, [id = '']) => preview(chat, id, await testersOf(chat)),
    'b-option': toggle,
    'b-when': askWhen,
    'b-now': (chat, [id = '']) => setTime(chat, id, null),
    'b-start': sure('b-start', askMany, launch),
  },
  adminInputs: { 'b-content': takeContent, 'b-buttons': takeButtons, 'b-when': takeTime },
}

async function preview(chat: Chat, id: string, people: readonly bigint[]): Promise<Answer> {
  return { toast: await sendPreview(chat, await draftOf(chat, id), people) }
}

export async function askContent(chat: Chat, id: string, language: string): Promise<void> {
  chat.session.awaiting = { input: 'b-content', args: [id, language] }
  await show(chat, {
    text: chat.t('broadcast-content-ask', { language: nameOfLanguage(chat, language) }),
    keyboard: [back(chat, ['b-page', id])],
  })
}

/** An album comes as several updates: the further ones join the first, and the page is shown once. */
async function takeContent(chat: Chat, [id = '', language = '']: string[]): Promise<void> {
  const mailing = await draftOf(chat, id)
  const message = chat.ctx.message!
  const before = mailing.contents[language]
  const joins = message.media_group_id !== undefined && before?.groupId === message.media_group_id
  const sent = mailing.action === 'edit' ? sentIn(language, await parentOf(chat.app.db, mailing)) : undefined
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
  const { id, contents, options, action } = mailing
  if (Object.keys(contents).length === 0) return await askContent(chat, id, '')
  const reach = await lookAtDraft(chat, mailing)
  const { count, isGuess } = reach
  const album = Object.values(contents).some(isAlbum)
  const lines = [
    `📣 <b>${chat.t(`broadcast-title-${action}`)}</b> · ${chat.t('broadcast-state-draft')}`,
    '',
    ...describeDraft(chat, mailing, reach),
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
          isGuess ? chat.t('broadcast-start') : chat.t(`broadcast-start-${action}`, { count }),
          ['b-start', id, isGuess ? GUESSED : count, draftPrint(mailing)],
          'primary',
        ),
      ],
      [button(chat, chat.t('broadcast-drop'), ['b-cancel', id]), ...back(chat, 'b-list')],
    ],
  })
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

/** A mailing to so many recipients does not start by one accidental tap. */
const MANY = 100
/** What the key says in place of a number where the page showed a guess: then the question tells the number. */
const GUESSED = 'guessed'

async function askMany(
  chat: Chat,
  [id = '', count = '', print = '']: string[],
): Promise<Question | undefined> {
  if (count !== GUESSED && Number(count) < MANY) return undefined
  const mailing = await ofThisBot(chat, id)
  if (mailing.state !== 'draft') return undefined
  const many = count === GUESSED ? await countDraft(chat, mailing) : Number(count)
  return {
    text: [
      `📣 <b>${chat.t(`broadcast-title-${mailing.action}`)}</b>`,
      '',
      ...describeDraft(chat, mailing, { count: many, isGuess: false }),
      ...(many < MANY ? [] : ['', chat.t('broadcast-many', { count: many })]),
    ].join('\n'),
    yes: chat.t('broadcast-many-yes', { count: many }),
    args: [id, String(many), print],
    home: ['b-page', id],
  }
}

/** Starts the mailing as the admin saw it; if it is not that any more, the page is shown again. */
async function launch(chat: Chat, [id = '', count = '', print = '']: string[]): Promise<void> {
  let started: boolean
  try {
    started = await launchMailing(chat, id, { count: Number(count), print })
  } catch (error) {
    if (error instanceof UserError && ['broadcast.draft-changed', 'broadcast.grown'].includes(error.code))
      await showMailingDraft(chat, await draftOf(chat, id))
    throw error
  }
  chat.session.awaiting = undefined
  // The page becomes the mailing's live message before the first progress is drawn into it.
  await showLive(chat, await ofThisBot(chat, id))
  if (started) chat.app.relay.kick()
}
