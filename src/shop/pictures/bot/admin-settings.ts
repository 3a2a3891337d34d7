import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { providerName } from '#shared/reader.ts'
import { allModels, picturePricesOf, pictureProviders, type OfferedModel } from '../catalogue.ts'
import { hiddenModels, pictureLimits, picturePrices, refusedWords } from '../settings.ts'
import type { PictureLimits } from '../settings.ts'
import type { SettingScope } from '#shared/settings/edit.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { askToKeep, takePreview } from '#workers/bot/settings/preview.ts'
import { sure } from '#workers/bot/sure.ts'
import type { Question } from '#workers/bot/sure.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import {
  botOf,
  checkMayChange,
  keepSetting,
  ownLine,
  scopeKeys,
  scopeOf,
} from '#workers/bot/settings/setting-scope.ts'
import { shorten } from '#shared/storable.ts'

const MOST_TOKENS = 1_000_000

/**
 * Here admins set prices, the models that are sold, refused words and limits. Every change is in the audit log with
 * its value.
 */
export const pictureAdminSettings: Feature = {
  adminButtons: {
    'picture-offers': (chat, [scope]) => showModels(chat, scope),
    'picture-offer': (chat, [id = '', scope]) => showModel(chat, id, scope),
    'picture-hide': sure('picture-hide', askHide, toggle),
    'picture-price': askPrice,
    'picture-price-yes': keepPrice,
    'picture-words': (chat, [scope]) => showWords(chat, scope),
    'picture-limits': showLimits,
    'picture-limits-yes': keepLimits,
  },
  adminInputs: {
    'image-admin-price': setPrice,
    'image-admin-words': setWords,
    'image-admin-limits': setLimits,
  },
  formerly: {
    iam: 'picture-offers',
    iamm: 'picture-offer',
    iamh: 'picture-hide',
    iamp: 'picture-price',
    iaw: 'picture-words',
    iall: 'picture-limits',
  },
  minimumRole: {
    'picture-hide': 'owner',
    'picture-price': 'owner',
    'picture-price-yes': 'owner',
    'picture-limits-yes': 'owner',
    'picture-words': 'owner',
    'picture-limits': 'owner',
    'image-admin-price': 'owner',
    'image-admin-words': 'owner',
    'image-admin-limits': 'owner',
  },
}

const MODEL_SETTINGS = [picturePrices, hiddenModels]

const catalogue = (chat: Chat): OfferedModel[] => allModels(pictureProviders(chat.app.config))

async function showModels(chat: Chat, wanted?: string): Promise<void> {
  chat.session.awaiting = undefined
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  const [priceOf, hidden] = await Promise.all([
    picturePricesOf(chat.app.settings, botOf(chat, scope)),
    chat.app.settings.get(hiddenModels, botOf(chat, scope)),
  ])
  await show(chat, {
    text: [`<b>${chat.t('image-admin-models')}</b>`, ...(await ownLine(chat, MODEL_SETTINGS))].join('\n'),
    keyboard: [
      scopeKeys(chat, scope, 'picture-offers'),
      ...catalogue(chat).map((model) => {
        const { id, title } = model
        const price = chat.money(priceOf(model), 'TOK')
        return [
          button(chat, `${hidden.includes(id) ? '🚫 ' : ''}${title} · ${price}`, [
            'picture-offer',
            id,
            scope,
          ]),
        ]
      }),
      back(chat, 'pictures-admin'),
    ],
  })
}

async function showModel(chat: Chat, id: string, wanted?: string): Promise<void> {
  chat.session.awaiting = undefined
  const model = catalogue(chat).find((one) => one.id === id)
  if (!model) return await showModels(chat, wanted)
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  const priceOf = await picturePricesOf(chat.app.settings, botOf(chat, scope))
  const isHidden = (await chat.app.settings.get(hiddenModels, botOf(chat, scope))).includes(id)
  await show(chat, {
    text: chat.t('image-admin-model', {
      title: escapeHtml(model.title),
      provider: escapeHtml(providerName(chat, model.provider)),
      price: chat.money(priceOf(model), 'TOK'),
      seconds: model.usualSeconds,
      state: chat.t(isHidden ? 'image-admin-model-off' : 'image-admin-model-on'),
    }),
    keyboard: [
      scopeKeys(chat, scope, 'picture-offer', id),
      [button(chat, chat.t('image-admin-price'), ['picture-price', id, scope])],
      [
        button(chat, chat.t(isHidden ? 'image-admin-offer' : 'image-admin-hide'), [
          'picture-hide',
          id,
          scope,
        ]),
      ],
      back(chat, ['picture-offers', scope]),
    ],
  })
}

async function toggle(chat: Chat, [id = '', wanted]: string[]): Promise<void> {
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  await keepSetting(chat, hiddenModels, scope, (hidden) =>
    hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id],
  )
  await showModel(chat, id, scope)
}

/** A hidden model is sold to nobody, so the question names the bots. Selling it again asks nothing. */
async function askHide(chat: Chat, [id = '', wanted]: string[]): Promise<Question | undefined> {
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  await checkMayChange(chat, hiddenModels, scope)
  if ((await chat.app.settings.get(hiddenModels, botOf(chat, scope))).includes(id)) return undefined
  const text = chat.t('setting-preview', {
    title: titleOf(chat, id),
    scope: chat.t(`setting-scope-${scope}`, { bot: chat.bot.name }),
    before: chat.t('image-admin-model-on'),
    after: chat.t('image-admin-model-off'),
  })
  return { text, yes: chat.t('image-admin-hide'), home: ['picture-offer', id, scope] }
}

async function askPrice(chat: Chat, [id = '', wanted]: string[]): Promise<void> {
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  await checkMayChange(chat, picturePrices, scope)
  chat.session.awaiting = { input: 'image-admin-price', args: [id, scope] }
  await show(chat, {
    text: chat.t('image-admin-price-ask'),
    keyboard: [back(chat, ['picture-offer', id, scope])],
  })
}

async function setPrice(chat: Chat, [id = '', wanted]: string[]): Promise<void> {
  const [price] = readNumbers(chat)
  if (price === undefined || price > MOST_TOKENS) {
    throw new UserError('image.admin-number')
  }
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  if (botOf(chat, scope) !== '') await mustPay(chat, id, BigInt(price))
  const before = await priceNow(chat, id, scope)
  await askToKeep(chat, {
    title: chat.t('image-admin-price-of', { title: titleOf(chat, id) }),
    scope,
    before: chat.money(before, 'TOK'),
    after: chat.money(BigInt(price), 'TOK'),
    save: ['picture-price-yes', id, scope],
    home: ['picture-offer', id, scope],
    typed: String(price),
  })
}

const titleOf = (chat: Chat, id: string): string =>
  escapeHtml(catalogue(chat).find((one) => one.id === id)?.title ?? id)

async function priceNow(chat: Chat, id: string, scope: SettingScope): Promise<bigint> {
  const model = catalogue(chat).find((one) => one.id === id)
  return model ? (await picturePricesOf(chat.app.settings, botOf(chat, scope)))(model) : 0n
}

async function keepPrice(chat: Chat, [id = '', wanted = '']: string[]): Promise<Answer> {
  const preview = takePreview(chat, 'picture-price-yes', id, wanted)
  if (!preview) return 'stale'
  const scope = await scopeOf(chat, MODEL_SETTINGS, wanted)
  const now = chat.money(await priceNow(chat, id, scope), 'TOK')
  if (now !== preview.before) throw new UserError('setting.changed')
  const price = Number(preview.typed)
  if (botOf(chat, scope) !== '') await mustPay(chat, id, BigInt(price))
  await keepSetting(chat, picturePrices, scope, (prices) => ({ ...prices, [id]: price }))
  await showModel(chat, id, scope)
  return { toast: chat.t('setting-saved') }
}

/**
 * @throws UserError `image.cheap` for a bot's own price below the price of all bots, because the deployment's owner
 * pays the provider
 */
async function mustPay(chat: Chat, id: string, price: bigint): Promise<void> {
  const model = catalogue(chat).find((one) => one.id === id)
  if (!model) return
  const least = (await picturePricesOf(chat.app.settings, ''))(model)
  if (price < least) throw new UserError('image.cheap', { least: chat.money(least, 'TOK') })
}

async function showWords(chat: Chat, wanted?: string): Promise<void> {
  const scope = await scopeOf(chat, [refusedWords], wanted)
  const words = await chat.app.settings.get(refusedWords, botOf(chat, scope))
  const list =
    words.length > 0 ? escapeHtml(shorten(words.join(', '), 3000)) : chat.t('image-admin-words-none')
  chat.session.awaiting = { input: 'image-admin-words', args: [scope] }
  await show(chat, {
    text: chat.t('image-admin-words-list', { words: list }),
    keyboard: [scopeKeys(chat, scope, 'picture-words'), back(chat, 'pictures-admin')],
  })
}

async function setWords(chat: Chat, [wanted]: string[]): Promise<void> {
  const lines = (chat.ctx.message?.text ?? '').split('\n').map((line) => shorten(line.trim(), 100))
  if (lines.every((line) => line === '')) throw new UserError('image.admin-words')
  const scope = await scopeOf(chat, [refusedWords], wanted)
  await keepSetting(chat, refusedWords, scope, (now) => {
    const words = new Set(now)
    for (const line of lines) if (line !== '' && !words.delete(line)) words.add(line)
    return [...words]
  })
  await showWords(chat, scope)
}

async function showLimits(chat: Chat): Promise<void> {
  await checkMayChange(chat, pictureLimits, 'all')
  const limits = await chat.app.settings.get(pictureLimits)
  chat.session.awaiting = { input: 'image-admin-limits', args: [] }
  await show(chat, {
    text: chat.t('image-admin-limits-ask', { ...limits }),
    keyboard: [back(chat, 'pictures-admin')],
  })
}

async function setLimits(chat: Chat): Promise<void> {
  const [atOnce, waiting, perDay, freePerDay] = readNumbers(chat)
  const read = pictureLimits.schema.safeParse({ atOnce, waiting, perDay, freePerDay })
  if (!read.success) {
    throw new UserError('image.admin-limits')
  }
  await askToKeep(chat, {
    title: chat.t('image-admin-limits'),
    scope: 'all',
    before: limitsLine(await chat.app.settings.get(pictureLimits)),
    after: limitsLine(read.data),
    save: ['picture-limits-yes'],
    home: ['picture-limits'],
    typed: limitsLine(read.data),
  })
}

/** The limits as an admin types them. */
const limitsLine = ({ atOnce, waiting, perDay, freePerDay }: PictureLimits): string =>
  [atOnce, waiting, perDay, freePerDay].join(' ')

async function keepLimits(chat: Chat): Promise<Answer> {
  const preview = takePreview(chat, 'picture-limits-yes')
  if (!preview) return 'stale'
  const [atOnce = 0, waiting = 0, perDay = 0, freePerDay = 0] = preview.typed.split(' ').map(Number)
  await keepSetting(chat, pictureLimits, 'all', (now) => {
    if (limitsLine(now) !== preview.before) throw new UserError('setting.changed')
    return { atOnce, waiting, perDay, freePerDay }
  })
  await showLimits(chat)
  return { toast: chat.t('setting-saved') }
}

function readNumbers(chat: Chat): number[] {
  const text = (chat.ctx.message?.text ?? '').trim()
  return /^\d{1,9}(\s+\d{1,9})*$/.test(text) ? text.split(/\s+/).map(Number) : []
}
