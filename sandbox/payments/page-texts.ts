import type { Way } from './vendor.ts'

export interface Texts {
  code: 'ru' | 'en'
  head: string
  ribbon: string
  imitation: string
  unknown: string
  order: string
  status: string
  paid: string
  left: string
  minutes: string
  choose: string
  exactOnly: string
  done: string
  back: string
  /** The title of each way to pay, and what happens then. */
  ways: Record<Way, readonly [string, string]>
}

export const TEXTS: Record<'ru' | 'en', Texts> = {
  ru: {
    code: 'ru',
    head: 'Оплата (имитация)',
    ribbon: 'Имитация. Настоящих денег здесь нет',
    imitation: 'имитация страницы оплаты',
    unknown: 'Такого счёта нет',
    order: 'Заказ магазина',
    status: 'Статус',
    paid: 'Пришло',
    left: 'Осталось',
    minutes: 'мин',
    choose: 'Как заплатить?',
    exactOnly: 'Эта платёжная система принимает только точную сумму, поэтому меньше и больше нельзя.',
    done: 'По этому счёту больше ничего сделать нельзя.',
    back: 'Вернуться в магазин',
    ways: {
      exact: ['Заплатить точно', 'ровно сумма счёта'],
      less: ['Заплатить меньше', '60 % суммы, как если бы ошиблись при переводе'],
      more: ['Заплатить больше', '125 % суммы'],
      rest: ['Доплатить остаток', 'к тому, что уже пришло'],
      late: ['Заплатить поздно', 'сначала срок счёта выйдет, потом придут деньги'],
      twice: ['Заплатить дважды', 'второй перевод или второе уведомление банка'],
      decline: ['Отказаться', 'уйти, не заплатив: счёт закроется'],
    },
  },
  en: {
    code: 'en',
    head: 'Payment (imitation)',
    ribbon: 'An imitation. There is no real money here',
    imitation: 'imitation of a pay page',
    unknown: 'There is no such invoice',
    order: 'Order of the shop',
    status: 'Status',
    paid: 'Received',
    left: 'Time left',
    minutes: 'min',
    choose: 'How to pay?',
    exactOnly: 'This provider takes the exact sum only, so less and more are impossible.',
    done: 'Nothing more can be done with this invoice.',
    back: 'Back to the shop',
    ways: {
      exact: ['Pay exactly', 'the sum of the invoice'],
      less: ['Pay less', '60 % of the sum, a slip in the transfer'],
      more: ['Pay more', '125 % of the sum'],
      rest: ['Pay the rest', 'in addition to what has come'],
      late: ['Pay late', 'the invoice expires first, then the money comes'],
      twice: ['Pay twice', "a second transfer, or the bank's second notice"],
      decline: ['Decline', 'leave without paying: the invoice is closed'],
    },
  },
}
