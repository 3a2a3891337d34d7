import { api } from './api.js'
import { emit } from './bus.js'

/** Rules for the simulator (PUT /control/faults) with what a careful bot does about each. */
export const faults = [
  {
    id: 'payment-twice',
    title: { en: 'Payment told twice', ru: 'Об оплате сообщили дважды' },
    expected: {
      en: 'The next Stars payment is credited once.',
      ru: 'Следующая оплата Stars зачислится один раз.',
    },
    money: true,
    rule: { on: 'update', kind: 'successful_payment', times: 1, do: { duplicate: 1 } },
  },
  {
    id: 'payment-lost',
    title: { en: 'Payment update lost', ru: 'Сообщение об оплате потерялось' },
    expected: {
      en: 'Nothing at first. A careful bot compares with Telegram’s own list of payments and credits once.',
      ru: 'Сначала тишина. Внимательный бот сверится со списком платежей Telegram и зачислит один раз.',
    },
    money: true,
    rule: { on: 'update', kind: 'successful_payment', times: 1, do: { lose: true } },
  },
  {
    id: 'press-twice',
    title: { en: 'Every key pressed twice', ru: 'Каждое нажатие приходит дважды' },
    expected: {
      en: 'One order, one charge, whatever you press.',
      ru: 'Один заказ и одно списание, что бы вы ни нажали.',
    },
    rule: { on: 'update', kind: 'callback_query', times: 0, do: { duplicate: 1 } },
  },
  {
    id: 'too-many',
    title: { en: 'Telegram says 429', ru: 'Telegram отвечает 429' },
    expected: {
      en: 'The next three messages wait 3 s, then come once each.',
      ru: 'Следующие три сообщения подождут 3 с и придут по одному разу.',
    },
    rule: {
      on: 'call',
      method: ['sendMessage', 'editMessageText', 'sendPhoto'],
      times: 3,
      do: { retry_after: 3 },
    },
  },
  {
    id: 'reply-lost',
    title: { en: 'Telegram’s reply is lost', ru: 'Ответ Telegram потерялся' },
    expected: {
      en: 'The message is there though the bot heard nothing. At worst it comes a second time; money moves once.',
      ru: 'Сообщение дошло, хотя бот ответа не услышал. В худшем случае оно придёт повторно; деньги двигаются один раз.',
    },
    rule: {
      on: 'call',
      method: ['sendMessage', 'editMessageText', 'sendInvoice'],
      times: 1,
      do: { drop: 'after' },
    },
  },
  {
    id: 'broken',
    title: { en: 'Telegram is broken: 502', ru: 'Telegram сломан: 502' },
    expected: {
      en: 'Two calls fail, the bot tries again by itself.',
      ru: 'Два вызова не удадутся, бот повторит их сам.',
    },
    rule: {
      on: 'call',
      method: ['sendMessage', 'editMessageText', 'sendInvoice'],
      times: 2,
      do: { status: 502, description: 'Bad Gateway' },
    },
  },
  {
    id: 'slow',
    title: { en: 'Slow Telegram', ru: 'Медленный Telegram' },
    expected: {
      en: 'Every answer takes 2 s. Nothing is lost, keys spin longer.',
      ru: 'Каждый ответ идёт 2 с. Ничего не теряется, кнопки крутятся дольше.',
    },
    rule: { on: 'call', times: 0, do: { delay_ms: 2000 } },
  },
]

/** Which of the list is on: fault id to {id, hits} of the simulator's rule. Found again after a reload by its content. */
export async function activeFaults() {
  const rules = await api.faults()
  const active = new Map()
  for (const fault of faults) {
    const rule = rules.find((one) => sameRule(one, fault.rule))
    if (rule) active.set(fault.id, rule)
  }
  return active
}

function sameRule(one, other) {
  return (
    one.on === other.on &&
    one.kind === other.kind &&
    [one.method ?? []].flat().join() === [other.method ?? []].flat().join() &&
    JSON.stringify(one.do) === JSON.stringify(other.do)
  )
}

export async function turnOn(id) {
  await api.addFault(faults.find((fault) => fault.id === id).rule)
  emit('faults')
}

export async function turnOff(ruleId) {
  await api.removeFault(ruleId)
  emit('faults')
}
