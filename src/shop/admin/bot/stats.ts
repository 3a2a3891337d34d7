import { numberFormat } from '#shared/i18n/intl.ts'
import { InputFile } from 'grammy'
import { drawPicture } from '../chart.ts'
import type { StatisticsChart } from '../chart.ts'
import { PERIODS, STATS, conversion, deltaOf, newPeople, revenue, revenueBy, sales } from '../stats.ts'
import type { Stat } from '../stats.ts'
import type { CountedBots } from '../counted.ts'
import { queueStates } from '#shared/queue/states.ts'
import { priceBuyRub } from '#shared/settings/economy.ts'
import { providerName } from '#shared/reader.ts'
import { cannotBeEdited, isNotModified } from '#shared/telegram/errors.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, chatId, show } from '#workers/bot/screen.ts'
import { goodName } from './person.ts'
import { pairs } from '#workers/bot/screen.ts'

/** Statistics as pictures: one question each, for a period that the keys below change. */
export const stats: Feature = {
  adminCommands: { stats: (chat) => showChoice(chat) },
  adminButtons: { 's-list': (chat) => showChoice(chat), 's-show': showPicture },
  minimumRole: { stats: 'read-only', 's-list': 'read-only', 's-show': 'read-only' },
  admin: { sections: [{ text: 'admin-section-stats', route: 's-list', minimum: 'read-only' }] },
}

async function showChoice(chat: Chat): Promise<void> {
  await show(chat, {
    text: chat.t('stats-title'),
    keyboard: [
      ...pairs(STATS.map((stat) => button(chat, chat.t(`stats-${stat}`), ['s-show', stat, '30', 'new']))),
      back(chat, 'admin'),
    ],
  })
}

/** Sends a new picture the first time; the keys below a picture replace it. */
async function showPicture(chat: Chat, [name = '', daysText = '', place = '']: string[]): Promise<void> {
  const stat = STATS.find((one) => one === name) ?? 'revenue'
  const days = PERIODS.find((one) => String(one) === daysText) ?? 30
  const all = place === 'all'
  const picture = await pictureOf(chat, stat, days, all)
  const served = await chat.served()
  const several = served === undefined ? chat.app.bots.size > 1 : served.length > 1
  const scope = all ? ['all'] : []
  const file = new InputFile(await drawPicture(picture), `${stat}.png`)
  const delta = picture.delta ? ` (${picture.delta.rising ? '▲' : '▼'} ${picture.delta.text})` : ''
  const isMoney = stat === 'revenue' || stat === 'ways' || stat === 'goods'
  const title = isMoney ? chat.t(`stats-${stat}`) : picture.title
  const caption = `<b>${title}: ${picture.number}</b>${delta}\n${picture.footer}`
  const reply_markup = {
    inline_keyboard: [
      ...(stat === 'queues'
        ? []
        : pairs(
            PERIODS.map((one) =>
              button(chat, `${one === days ? '✓ ' : ''}${chat.t('stats-days', { days: one })}`, [
                's-show',
                stat,
                one,
                ...scope,
              ]),
            ),
          )),
      ...(several && stat !== 'queues'
        ? [
            [
              button(
                chat,
                all ? chat.t('stats-this-bot', { bot: chat.bot.name }) : chat.t('stats-all-bots'),
                ['s-show', stat, days, ...(all ? [] : ['all'])],
              ),
            ],
          ]
        : []),
      ...pairs(
        STATS.filter((one) => one !== stat).map((one) =>
          button(chat, chat.t(`stats-${one}`), ['s-show', one, days, ...scope]),
        ),
      ),
      back(chat, 's-list'),
    ],
  }
  const pressed = chat.ctx.callbackQuery?.message
  if (pressed && place !== 'new') {
    try {
      await chat.ctx.api.editMessageMedia(
        chatId(chat),
        pressed.message_id,
        { type: 'photo', media: file, caption, parse_mode: 'HTML' },
        { reply_markup },
      )
      return
    } catch (error) {
      if (isNotModified(error)) return
      if (!cannotBeEdited(error)) throw error
    }
  }
  await chat.ctx.api.sendPhoto(chatId(chat), file, { caption, parse_mode: 'HTML', reply_markup })
}

async function pictureOf(chat: Chat, stat: Stat, days: number, all: boolean): Promise<StatisticsChart> {
  const { settings } = chat.app
  const { reads: db } = chat.app.db
  const bot: CountedBots = all ? await chat.served() : chat.bot.name
  const title = chat.t(`stats-${stat}-title`)
  const footer = [
    chat.t('stats-footer', {
      days,
      bot: all ? chat.t('stats-every-bot') : chat.t('stats-one-bot', { bot: chat.bot.name }),
    }),
    ...(stat === 'revenue' || stat === 'people' ? [chat.t('stats-unfinished', { days })] : []),
  ].join(' · ')
  const empty = chat.t('stats-empty')
  const number = (value: number, digits = 0) =>
    numberFormat(chat.language, { maximumFractionDigits: digits }).format(value)
  const common = { title, footer, empty, language: chat.language }
  switch (stat) {
    case 'revenue': {
      const series = await revenue(db, bot, days, await settings.get(priceBuyRub, chat.bot.name))
      const sum = chat.money(BigInt(Math.round(series.total * 100)), 'RUB')
      return { ...common, ...series, kind: 'bars', number: sum, delta: deltaOf(series) }
    }
    case 'ways':
    case 'goods': {
      const series = await revenueBy(db, bot, stat, days, await settings.get(priceBuyRub, chat.bot.name))
      const name = stat === 'ways' ? providerName : goodName
      const labels = series.labels.map((part) => name(chat, part))
      const sum = chat.money(BigInt(Math.round(series.total * 100)), 'RUB')
      return { ...common, ...series, labels, kind: 'rows', number: sum, delta: deltaOf(series) }
    }
    case 'people': {
      const series = await newPeople(db, bot, days)
      return { ...common, ...series, kind: 'bars', number: number(series.total), delta: deltaOf(series) }
    }
    case 'conversion': {
      const series = await conversion(db, bot, days)
      const { now = 0, before = 0 } = series.compared ?? {}
      const points = now - before
      return {
        ...common,
        ...series,
        kind: 'line',
        number: `${number(series.total, 1)} %`,
        delta:
          before > 0
            ? { text: `${number(Math.abs(points), 1)} ${chat.t('stats-points')}`, rising: points >= 0 }
            : undefined,
      }
    }
    case 'sales': {
      const series = await sales(db, bot, days)
      const labels = series.labels.map((good) => goodName(chat, good))
      return {
        ...common,
        ...series,
        labels,
        kind: 'rows',
        number: number(series.total),
        delta: deltaOf(series),
      }
    }
    case 'queues': {
      const states = await queueStates(chat.app)
      const ages = states.map(({ oldestAgeSeconds }) => Math.round(oldestAgeSeconds * 10) / 10)
      return {
        ...common,
        footer: chat.t('stats-now'),
        kind: 'rows',
        labels: states.map(({ name }) => chat.t(`queue-${name}`)),
        values: ages,
        number: chat.t('duration-seconds', { count: Math.max(...ages) }),
        empty: chat.t('stats-nothing-waits'),
      }
    }
  }
}
