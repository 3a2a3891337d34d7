import { audit } from '../../../../shared/audit.ts'
import { UserError } from '../../../../shared/errors.ts'
import { escapeHtml } from '../../../../shared/i18n/format.ts'
import { allModels, imageProviders, type OfferedModel } from '../../../../shared/images/providers.ts'
import {
  hiddenModels,
  imageLimits,
  type ImageLimits,
  imagePrices,
  refusedWords,
} from '../../../../shared/images/settings.ts'
import type { SettingType } from '../../../../shared/settings/settings.ts'
import type { Chat } from '../../chat.ts'
import type { Feature } from '../../feature.ts'
import { back, button, show } from '../../screen.ts'

const MOST_TOKENS = 1_000_000

/** Admins: prices, which models are sold, refused words, limits. Every change is audited with its value. */
export const imageAdminSettings: Feature = {
  adminButtons: {
    iam: (chat) => showModels(chat),
    iamm: (chat, [id = '']) => showModel(chat, id),
    iamh: toggle,
    iamp: async (chat, [id = '']) => ask(chat, 'image-admin-price-ask', 'image-admin-price', id),
    iaw: showWords,
    iall: showLimits,
  },
  adminInputs: {
    'image-admin-price': setPrice,
    'image-admin-words': setWords,
    'image-admin-limits': setLimits,
  },
  minimumRole: {
    iamh: 'owner',
    iamp: 'owner',
    iaw: 'owner',
    iall: 'owner',
    'image-admin-price': 'owner',
    'image-admin-words': 'owner',
    'image-admin-limits': 'owner',
  },
}

async function ask(chat: Chat, text: string, input: string, ...args: string[]): Promise<void> {
  chat.session.awaiting = { input, args }
  await show(chat, { text: chat.t(text), keyboard: [back(chat, 'iad')] })
}

async function keep<Value>(chat: Chat, type: SettingType<Value>, value: Value): Promise<void> {
  await chat.app.db.tx(async (tx) => {
    await chat.app.settings.set(tx, type, { value, by: chat.personId })
    const details = { value }
    await audit(tx, {
      actor: chat.personId,
      action: 'setting.set',
      target: type.key,
      bot: chat.bot.name,
      details,
    })
  })
}

const catalogue = (chat: Chat): OfferedModel[] => allModels(imageProviders(chat.app.config))

async function showModels(chat: Chat): Promise<void> {
  chat.session.awaiting = undefined
  const [prices, hidden] = await Promise.all([
    chat.app.settings.get(imagePrices),
    chat.app.settings.get(hiddenModels),
  ])
  await show(chat, {
    text: `<b>${chat.t('image-admin-models')}</b>`,
    keyboard: [
      ...catalogue(chat).map(({ id, title, tokens }) => {
        const price = chat.money(BigInt(prices[id] ?? tokens), 'TOK')
        return [button(chat, `${hidden.includes(id) ? '🚫 ' : ''}${title} · ${price}`, ['iamm', id])]
      }),
      back(chat, 'iad'),
    ],
  })
}

async function showModel(chat: Chat, id: string): Promise<void> {
  chat.session.awaiting = undefined
  const model = catalogue(chat).find((one) => one.id === id)
  if (!model) return await showModels(chat)
  const prices = await chat.app.settings.get(imagePrices)
  const isHidden = (await chat.app.settings.get(hiddenModels)).includes(id)
  await show(chat, {
    text: chat.t('image-admin-model', {
      title: escapeHtml(model.title),
      provider: model.provider,
      price: chat.money(BigInt(prices[id] ?? model.tokens), 'TOK'),
      seconds: model.usualSeconds,
      state: chat.t(isHidden ? 'image-admin-model-off' : 'image-admin-model-on'),
    }),
    keyboard: [
      [button(chat, chat.t('image-admin-price'), ['iamp', id])],
      [button(chat, chat.t(isHidden ? 'image-admin-offer' : 'image-admin-hide'), ['iamh', id])],
      back(chat, 'iam'),
    ],
  })
}

async function toggle(chat: Chat, [id = '']: string[]): Promise<void> {
  const hidden = await chat.app.settings.get(hiddenModels)
  await keep(chat, hiddenModels, hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id])
  await showModel(chat, id)
}

async function setPrice(chat: Chat, [id = '']: string[]): Promise<void> {
  const [price] = readNumbers(chat)
  if (price === undefined || price > MOST_TOKENS) {
    throw new UserError('image.admin-number')
  }
  await keep(chat, imagePrices, { ...(await chat.app.settings.get(imagePrices)), [id]: price })
  await showModel(chat, id)
}

async function showWords(chat: Chat): Promise<void> {
  const words = await chat.app.settings.get(refusedWords)
  const list =
    words.length > 0 ? escapeHtml(words.join(', ').slice(0, 3000)) : chat.t('image-admin-words-none')
  chat.session.awaiting = { input: 'image-admin-words', args: [] }
  await show(chat, { text: chat.t('image-admin-words-list', { words: list }), keyboard: [back(chat, 'iad')] })
}

async function setWords(chat: Chat): Promise<void> {
  const lines = (chat.ctx.message?.text ?? '').split('\n').map((line) => line.trim().slice(0, 100))
  const words = new Set(await chat.app.settings.get(refusedWords))
  for (const line of lines) if (line !== '' && !words.delete(line)) words.add(line)
  await keep(chat, refusedWords, [...words])
  await showWords(chat)
}

async function showLimits(chat: Chat): Promise<void> {
  const limits = await chat.app.settings.get(imageLimits)
  chat.session.awaiting = { input: 'image-admin-limits', args: [] }
  await show(chat, { text: chat.t('image-admin-limits-ask', { ...limits }), keyboard: [back(chat, 'iad')] })
}

async function setLimits(chat: Chat): Promise<void> {
  const [atOnce, waiting, perDay, freePerDay] = readNumbers(chat)
  const read = imageLimits.schema.safeParse({ atOnce, waiting, perDay, freePerDay })
  if (!read.success) {
    throw new UserError('image.admin-limits')
  }
  await keep<ImageLimits>(chat, imageLimits, read.data)
  await showLimits(chat)
}

function readNumbers(chat: Chat): number[] {
  const text = (chat.ctx.message?.text ?? '').trim()
  return /^\d{1,9}(\s+\d{1,9})*$/.test(text) ? text.split(/\s+/).map(Number) : []
}
