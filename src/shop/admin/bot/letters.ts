import { closeLetter, deadLetters, humanReason, lettersAbout, readLetter } from '../letters.ts'
import { allows } from '#shared/roles.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { lettersToClose } from '../attention.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 6

/** Jobs that were given up: why, what they were about, and keys to replay them or to put them away. */
export const letters: Feature = {
  adminButtons: {
    'a-letters': showLetters,
    'a-letter': (chat, [id = '']) => showLetter(chat, BigInt(id)),
    'a-replay': (chat, [id = '']) => close(chat, BigInt(id), 'replay'),
    'a-settle': sure('a-settle', askSettle, (chat, [id = '']) => close(chat, BigInt(id), 'settle')),
  },
  minimumRole: { 'a-letters': 'support', 'a-letter': 'support' },
  admin: {
    sections: [lettersToClose],
    order: (chat, { id }) => replays(chat, id),
    payment: (chat, { id }) => replays(chat, id),
  },
}

/** The keys that start jobs about an order or a payment again that were given up. */
async function replays(chat: Chat, of: string) {
  if (!allows(chat.role, 'admin')) return {}
  const found = await lettersAbout(chat.app.db, of, await chat.served('admin'))
  return {
    rows: found.map(({ id, job }) => {
      const text = `${chat.t('letter-replay')} · ${jobName(chat, job)}`
      return [button(chat, shorten(text, 60), ['a-replay', String(id)], 'primary')]
    }),
  }
}

async function showLetters(chat: Chat, [offset = '0']: string[] = []): Promise<void> {
  const at = Number(offset)
  const list = await deadLetters(chat.app.db, { limit: PAGE + 1, offset: at }, await chat.served('support'))
  const shown = list.slice(0, PAGE)
  const pager = [
    ...(at > 0 ? [button(chat, chat.t('history-newer'), ['a-letters', String(Math.max(0, at - PAGE))])] : []),
    ...(list.length > PAGE ? [button(chat, chat.t('history-older'), ['a-letters', String(at + PAGE)])] : []),
  ]
  await show(chat, {
    text: chat.t(shown.length > 0 ? 'letters-title' : 'letters-empty'),
    keyboard: [
      ...shown.map((letter) => [
        button(chat, shorten(`${jobName(chat, letter.job)} · ${chat.time(letter.updatedAt)}`, 60), [
          'a-letter',
          String(letter.id),
        ]),
      ]),
      ...(pager.length > 0 ? [pager] : []),
      back(chat, 'admin'),
    ],
  })
}

async function showLetter(chat: Chat, id: bigint): Promise<Answer> {
  const letter = await readLetter(chat.app.db, id)
  if (!letter) {
    await showLetters(chat)
    return { toast: chat.t('letter-gone') }
  }
  const why = humanReason(letter.reason)
  const payload = JSON.stringify(letter.payload, undefined, 1) ?? ''
  await show(chat, {
    text: [
      `✉️ <b>${jobName(chat, letter.job)}</b>`,
      chat.t(why.key, why.params),
      '',
      chat.t('letter-times', {
        first: chat.when(letter.createdAt),
        last: chat.when(letter.updatedAt),
        deliveries: letter.deliveries,
      }),
      chat.t('letter-money'),
      `<blockquote expandable>${escapeHtml(shorten(letter.reason, 700))}</blockquote>`,
      `<blockquote expandable>${escapeHtml(shorten(payload, 900))}</blockquote>`,
    ].join('\n'),
    keyboard: [
      ...(allows(chat.role, 'admin')
        ? [
            [
              button(chat, chat.t('letter-replay'), ['a-replay', String(id)], 'primary'),
              button(chat, chat.t('letter-settle'), ['a-settle', String(id)]),
            ],
          ]
        : []),
      back(chat, 'a-letters'),
    ],
  })
}

/** A job that is put away never runs again, and its payload disappears from every screen, so the key asks first. */
async function askSettle(chat: Chat, [id = '']: string[]): Promise<Question | undefined> {
  const letter = await readLetter(chat.app.db, BigInt(id))
  return (
    letter && {
      text: chat.t('letter-settle-ask', { job: jobName(chat, letter.job) }),
      yes: chat.t('letter-settle-yes'),
      home: ['a-letter', id],
    }
  )
}

async function close(chat: Chat, id: bigint, how: 'replay' | 'settle'): Promise<Answer> {
  const closed = await closeLetter(chat.app.db, { id, by: chat.personId, bot: chat.bot.name, how })
  if (closed) chat.app.relay.kick()
  await showLetters(chat)
  return { toast: chat.t(!closed ? 'letter-gone' : how === 'replay' ? 'letter-replayed' : 'letter-settled') }
}

/** What a job is called. A job without a text is called by its stored name. */
function jobName(chat: Chat, job: string): string {
  const key = `job-${job.replaceAll('.', '-')}`
  return chat.app.texts.has(chat.language, key) ? chat.t(key) : job
}
