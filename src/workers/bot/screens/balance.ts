import { operationDetail, operationText } from '#shared/good.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { moneyOnItsWay, operations, operationsPage } from '#shared/money/read.ts'
import type { OnItsWay, Operation } from '#shared/money/read.ts'
import type { Chat } from '../chat.ts'
import type { Feature } from '../feature.ts'
import { back, button, show } from '../screen.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 5

/** The person's balance, the reserved part, and every operation with the balance after it. */
export const balance: Feature = {
  commands: { balance: (chat) => showBalance(chat), history: (chat) => showHistory(chat, []) },
  open: ['balance', 'history'],
  buttons: { balance: (chat) => showBalance(chat), history: showHistory },
}

async function showBalance(chat: Chat): Promise<void> {
  const lines = chat.wallet
    .filter(({ asset, available, held }) => asset === 'TOK' || available + held > 0n)
    .map(({ asset, available, held }) => {
      const line = `<b>${chat.money(available, asset)}</b>`
      return held > 0n ? `${line} · ${chat.t('balance-reserved', { sum: chat.money(held, asset) })}` : line
    })
  const [recent, coming] = await Promise.all([
    operations(chat.app.db, chat.personId, { limit: PAGE }),
    moneyOnItsWay(chat.app.db, chat.personId),
  ])
  await show(chat, {
    text: [
      chat.t('balance-title'),
      ...(lines.length > 0 ? lines : [`<b>${chat.money(0n, 'TOK')}</b>`]),
      ...coming.map((one) => comingLine(chat, one)),
      '',
      ...(recent.length > 0 ? recent.map((operation) => line(chat, operation)) : [chat.t('history-empty')]),
    ].join('\n'),
    keyboard: [
      ...coming.map((one) => [comingKey(chat, one)]),
      [button(chat, chat.t('balance-add'), 'top-up', 'primary')],
      [button(chat, chat.t('balance-top-up'), 'buy')],
      [
        button(chat, chat.t('pay-list'), 'pay-list'),
        ...(recent.length === PAGE ? [button(chat, chat.t('balance-history'), ['history', ''])] : []),
      ],
      back(chat, 'menu'),
    ],
  })
}

/** A line for money on its way: a part of a payment, or money that waits until the person accepts it. */
function comingLine(chat: Chat, one: OnItsWay): string {
  if (one.suspended > 0n)
    return chat.t('balance-waits', { sum: chat.money(one.suspended, one.suspendedAsset ?? one.asset) })
  const asked = chat.money(one.amount, one.asset)
  if (one.part === null) return chat.t('balance-part-some', { asked })
  return chat.t('balance-part', { received: chat.money(one.part, one.asset), asked })
}

function comingKey(chat: Chat, one: OnItsWay) {
  if (one.suspended > 0n) return button(chat, chat.t('payment-take'), ['pay-take', one.id])
  return button(chat, chat.t('pay-rest', { rest: chat.money(one.amount - (one.part ?? 0n), one.asset) }), [
    'pay-show',
    one.id,
  ])
}

/** @param args the id of the last operation on the previous page */
async function showHistory(chat: Chat, [before = '']: string[]): Promise<void> {
  const { operations: shown, next } = await operationsPage(chat.app.db, chat.personId, {
    size: PAGE,
    before: /^\d{1,18}$/.test(before) ? BigInt(before) : undefined,
  })
  const older =
    next === undefined ? undefined : button(chat, chat.t('history-older'), ['history', String(next)])
  const newest = before ? button(chat, chat.t('history-newest'), ['history', '']) : undefined
  const pager = [newest, older].filter((key) => key !== undefined)
  await show(chat, {
    text: [
      chat.t('history-title'),
      '',
      ...(shown.length > 0 ? shown.map((operation) => line(chat, operation)) : [chat.t('history-empty')]),
    ].join('\n'),
    keyboard: [...(pager.length > 0 ? [pager] : []), back(chat, 'balance')],
  })
}

/** «+10 токенов · Пополнение · 21.11 14:05 · осталось 40 токенов» */
function line(chat: Chat, operation: Operation): string {
  const detail = shorten(operationDetail(chat.app.goods, chat, operation), 80)
  const description = detail ? ` · ${escapeHtml(detail)}` : ''
  return [
    `<b>${chat.signed(operation.amount, operation.asset)}</b> · ${chat.t(operationText(operation.kind, operation.amount))}${description}`,
    `${chat.t('history-line', { date: chat.when(operation.createdAt), balance: chat.money(operation.balanceAfter, operation.asset) })}`,
  ].join('\n')
}
