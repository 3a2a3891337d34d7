import type { Words } from '@telekassa/telegram-sandbox'

export type MishapGroup = 'fragment' | 'payments' | 'pictures'

/** The names of the switches by kind. The heading of a group names the provider. */
export const titles: Record<string, Words> = {
  'reply-lost': { en: 'The reply is lost', ru: 'Ответ потерялся' },
  'bad-gateway': { en: 'Done, but answers 502', ru: 'Сделано, а ответ — 502' },
  slow: { en: 'Answers 5 s late', ru: 'Отвечает на 5 с позже' },
  'no-callback': { en: 'No callback', ru: 'Нет уведомления' },
  'callback-twice': { en: 'Callback comes twice', ru: 'Уведомление приходит дважды' },
  down: { en: 'Is down', ru: 'Не работает' },
  'wallet-empty': { en: 'Our wallet is empty', ru: 'Наш кошелёк пуст' },
}

/** What a right shop does about each. */
export const expectations: Record<MishapGroup, Record<string, Words>> = {
  fragment: {
    'reply-lost': {
      en: 'The next purchase happens unheard. The callback settles it: one delivery, one charge.',
      ru: 'Следующая покупка пройдёт без ответа. Её завершит уведомление: одна доставка, одно списание.',
    },
    'bad-gateway': {
      en: 'The next purchase happens and is answered with an HTML page. Nothing is sent a second time.',
      ru: 'Следующая покупка пройдёт, а ответом будет страница HTML. Второй раз ничего не отправится.',
    },
    slow: {
      en: 'The card waits with each purchase, nothing is sent twice.',
      ru: 'Карточка ждёт при каждой покупке, дважды ничего не отправляется.',
    },
    'no-callback': {
      en: 'Nobody tells of the next purchase. The shop asks for it by itself.',
      ru: 'О следующей покупке никто не сообщит. Магазин спросит сам.',
    },
    'callback-twice': {
      en: 'The next purchase is told twice: one delivery, one charge.',
      ru: 'О следующей покупке сообщат дважды: одна доставка, одно списание.',
    },
    down: {
      en: 'Recipients cannot be checked, so nothing new is charged. What was on its way is checked, never repeated.',
      ru: 'Получателя не проверить, поэтому новое не списывается. Что было в пути, проверяется и не повторяется.',
    },
    'wallet-empty': {
      en: 'The sale stops, admins are told, a paid order waits. Turn it off, and the order goes on within a minute or two.',
      ru: 'Продажа остановится, админам придёт сообщение, оплаченный заказ подождёт. Выключите — и он продолжится через минуту-две.',
    },
  },
  payments: {
    'reply-lost': {
      en: 'The next invoice is made unheard. You get a link now or at the second try; what you pay is credited once.',
      ru: 'Следующий счёт создан, ответа нет. Ссылка придёт сразу или со второй попытки; оплата зачислится один раз.',
    },
    'bad-gateway': {
      en: 'The next invoice is made and answered with an HTML page. What you pay is credited once.',
      ru: 'Следующий счёт создан, а ответом будет страница HTML. Оплата зачислится один раз.',
    },
    slow: {
      en: 'Links come later; nothing is lost.',
      ru: 'Ссылки приходят позже; ничего не теряется.',
    },
    'no-callback': {
      en: 'Nobody tells of your payment. The shop asks by itself and credits once.',
      ru: 'О вашей оплате никто не сообщит. Магазин спросит сам и зачислит один раз.',
    },
    'callback-twice': {
      en: 'Each payment is told twice and credited once.',
      ru: 'О каждой оплате сообщат дважды, зачислится она один раз.',
    },
    down: {
      en: 'No new links for now. What was paid is credited when it is back.',
      ru: 'Новых ссылок пока нет. Оплаченное зачислится, когда всё заработает.',
    },
  },
  pictures: {
    'reply-lost': {
      en: 'The next picture is started unheard. The callback names it; tokens are taken once.',
      ru: 'Следующая картинка начата без ответа. Её назовёт уведомление; токены спишутся один раз.',
    },
    'bad-gateway': {
      en: 'The next picture is started and answered with an HTML page. You get one, or your tokens back.',
      ru: 'Следующая картинка начата, а ответом будет страница HTML. Придёт одна, или вернутся токены.',
    },
    slow: {
      en: 'Each start is answered late. One picture, one charge.',
      ru: 'На каждый старт ответ запаздывает. Одна картинка, одно списание.',
    },
    'no-callback': {
      en: 'Nobody tells of finished pictures. The shop looks by itself.',
      ru: 'О готовых картинках никто не сообщает. Магазин смотрит сам.',
    },
    'callback-twice': {
      en: 'Each finished picture is told twice. You get one and pay once.',
      ru: 'О каждой готовой картинке сообщают дважды. Придёт одна, спишется один раз.',
    },
    down: {
      en: 'Your picture waits, or your tokens come back.',
      ru: 'Картинка подождёт, или токены вернутся.',
    },
  },
}
