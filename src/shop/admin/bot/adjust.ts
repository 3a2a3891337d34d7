import {
  confirmAdjustment,
  demandCovered,
  draftAdjustment,
  giveReason,
  needsSecond,
  readAdjustment,
  readLimits,
} from '../adjustments.ts'
import type { Adjustment } from '../adjustments.ts'
import { peopleBy } from '../search.ts'
import { UserError } from '#shared/errors.ts'
import { idFrom, newId } from '#shared/ids.ts'
import { readBalance } from '#shared/money/read.ts'
import { isAsset, parseAmount, readTyped } from '#shared/money.ts'
import type { Asset } from '#shared/money.ts'
import { typedText } from '#workers/bot/chat.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Answer, Feature } from '#workers/bot/feature.ts'
import { back, button, send, show } from '#workers/bot/screen.ts'
import { parseCommand } from './adjust-command.ts'
import { callForSecond, describe } from '../adjustment-words.ts'
import { pairs } from '#workers/bot/screen.ts'
import { showPerson } from './person.ts'
import { shorten } from '#shared/storable.ts'

/** Steps of the buttons, in whole units of the asset. */
const STEPS: Partial<Record<Asset, readonly string[]>> = {
  TOK: ['1', '5', '10', '50', '100', '500'],
  RUB: ['50', '100', '500', '1000', '5000'],
}
const OTHER_STEPS = ['1', '5', '10', '50', '100']
const REASONS = ['compensation', 'bonus', 'mistake', 'test'] as const
const REASON_LENGTH = 200

/** Credits and debits: sum, reason, before and after, confirmation. Above the limit a second admin must agree. */
export const adjust: Feature = {
  adminCommands: { adjust: adjustByCommand },
  adminButtons: {
    'a-adjust': (chat, [id = '', direction = '', asset = '']) => askSum(chat, id, direction, asset),
    'a-sum': pickSum,
    'a-why': pickReason,
    'a-confirm': confirm,
  },
  adminInputs: { 'a-sum': typeSum, 'a-why': typeReason },
}

async function askSum(chat: Chat, id: string, direction: string, assetText: string): Promise<void> {
  const asset = isAsset(assetText) ? assetText : 'TOK'
  const wallet = await readBalance(chat.app.db, BigInt(id), asset)
  // The draft's number is in the buttons: two presses are one correction.
  const draft = newId()
  const sign = direction === 'down' ? '-' : ''
  const steps = (STEPS[asset] ?? OTHER_STEPS).map((step) =>
    button(chat, chat.signed(parseAmount(sign + step, asset), asset), [
      'a-sum',
      id,
      asset,
      sign + step,
      draft,
    ]),
  )
  const others = (['TOK', 'RUB', 'USDT', 'EUR'] as const).filter((one) => one !== asset)
  chat.session.awaiting = { input: 'a-sum', args: [id, direction, asset] }
  await show(chat, {
    text: chat.t(direction === 'down' ? 'adjust-ask-down' : 'adjust-ask-up', {
      id,
      balance: chat.money(wallet.available, asset),
    }),
    keyboard: [
      ...pairs(steps),
      others.map((one) => button(chat, one, ['a-adjust', id, direction, one])),
      back(chat, ['a-person', id]),
    ],
  })
}

async function pickSum(chat: Chat, [id = '', asset = '', sum = '', draft = '']: string[]): Promise<void> {
  if (!isAsset(asset)) throw new UserError('admin.not-found')
  await startDraft(chat, draft, BigInt(id), asset, parseAmount(sum, asset))
}

async function typeSum(chat: Chat, [id = '', direction = '', asset = '']: string[]): Promise<void> {
  if (!isAsset(asset)) throw new UserError('admin.not-found')
  const amount = readTyped(typedText(chat), asset)
  const size = amount < 0n ? -amount : amount
  if (size === 0n) throw new UserError('amount.invalid', { text: '0' })
  const draft = idFrom('adjust', chat.bot.name, chat.ctx.update.update_id)
  await startDraft(chat, draft, BigInt(id), asset, direction === 'down' ? -size : size)
}

async function startDraft(chat: Chat, id: string, personId: bigint, asset: Asset, amount: bigint) {
  await demandCovered(chat.app.db, { personId, asset, amount })
  const draft = await draftAdjustment(chat.app.db, {
    id,
    bot: chat.bot.name,
    personId,
    asset,
    amount,
    reason: '',
    createdBy: chat.personId,
  })
  chat.session.awaiting = { input: 'a-why', args: [id] }
  await show(chat, {
    text: chat.t('adjust-why', {
      sum: chat.signed(draft.amount, asset),
      id: String(personId),
    }),
    keyboard: [
      ...pairs(
        REASONS.map((reason) => button(chat, chat.t(`adjust-reason-${reason}`), ['a-why', id, reason])),
      ),
      back(chat, ['a-person', String(personId)]),
    ],
  })
}

async function pickReason(chat: Chat, [id = '', reason = '']: string[]): Promise<void> {
  await withReason(chat, id, chat.t(`adjust-reason-${reason}`))
}

async function typeReason(chat: Chat, [id = '']: string[]): Promise<void> {
  const reason = (chat.ctx.message?.text ?? '').trim()
  if (reason === '' || reason.length > REASON_LENGTH) throw new UserError('admin.reason')
  await withReason(chat, id, reason)
}

async function withReason(chat: Chat, id: string, reason: string): Promise<void> {
  const draft = await giveReason(chat.app.db, id, reason)
  if (!draft) throw new UserError('admin.decided')
  chat.session.awaiting = undefined
  const words = await describe(chat, draft)
  const large = needsSecond(draft, await readLimits(chat.app, chat.bot.name))
  await show(chat, {
    text: [chat.t('adjust-confirm', words), ...(large ? ['', chat.t('adjust-large')] : [])].join('\n'),
    keyboard: [
      [
        button(
          chat,
          chat.t(large ? 'adjust-ask-second' : draft.amount < 0n ? 'adjust-do-down' : 'adjust-do-up', words),
          ['a-confirm', id],
          draft.amount < 0n ? 'danger' : 'success',
        ),
      ],
      [button(chat, chat.t('cancel'), ['a-person', String(draft.personId)])],
    ],
  })
}

async function confirm(chat: Chat, [id = '']: string[]): Promise<Answer> {
  const adjustment = await carryOut(chat, id)
  chat.app.relay.kick()
  await showPerson(chat, adjustment.personId)
  return { toast: chat.t(adjustment.state === 'waiting' ? 'adjust-asked' : 'adjust-done') }
}

/** The second admins are told in the same transaction. */
async function carryOut(chat: Chat, id: string): Promise<Adjustment> {
  const draft = await readAdjustment(chat.app.db, id)
  if (!draft) throw new UserError('admin.decided')
  const alert = await callForSecond(chat, draft)
  return await confirmAdjustment(chat.app, id, chat.personId, chat.bot.name, alert)
}

/**
 * /adjust <id or @name> <amount> [asset] <reason>: the command says everything, so it is carried out; a sum above the
 * limit waits for a second admin.
 */
async function adjustByCommand(chat: Chat, argument: string): Promise<void> {
  const command = parseCommand(argument)
  if (!command) return void (await send(chat, { text: chat.t('adjust-usage') }))
  const [person, ...more] = await peopleBy(chat.app.db, command.who, await chat.served('admin'))
  if (person === undefined || more.length > 0) throw new UserError('admin.no-person', { id: command.who })
  const draft = await draftAdjustment(chat.app.db, {
    id: idFrom('adjust', chat.bot.name, chat.ctx.update.update_id),
    bot: chat.bot.name,
    personId: person,
    asset: command.asset,
    amount: command.amount,
    reason: shorten(command.reason, REASON_LENGTH),
    createdBy: chat.personId,
  })
  if (draft.state === 'draft') await demandCovered(chat.app.db, draft)
  const words = await describe(chat, draft)
  const adjustment = draft.state === 'draft' ? await carryOut(chat, draft.id) : draft
  chat.app.relay.kick()
  await send(chat, {
    text: chat.t(adjustment.state === 'waiting' ? 'adjust-command-asked' : 'adjust-command-done', words),
    keyboard: [[button(chat, chat.t('deal-person'), ['a-person', String(person)])]],
  })
}
