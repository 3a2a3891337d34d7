/** The first minute: each step says what to do, offers to do it, and knows from the page's events when it is done.
 * `needs` and `without` name a control of the product that must be there, or must not. */
export const firstMinute = [
  {
    id: 'greeting',
    title: { en: 'Say hello', ru: 'Поздоровайтесь' },
    text: {
      en: 'Press Start. The bot greets you and shows its menu.',
      ru: 'Нажмите «Начать». Бот поздоровается и покажет меню.',
    },
    button: { en: 'Press Start', ru: 'Нажать «Начать»' },
    start: true,
    done: (facts) => facts.botMessages > 0,
  },
  {
    id: 'topup',
    title: { en: 'Top up with play Stars', ru: 'Пополните учебными звёздами' },
    text: {
      en: 'Send /buy, choose a pack, press the pay key and pay in the sheet that rises.',
      ru: 'Отправьте /buy, выберите пакет, нажмите кнопку оплаты и заплатите в окне снизу.',
    },
    button: { en: 'Send /buy', ru: 'Отправить /buy' },
    send: '/buy',
    done: (facts) => facts.payments > 0,
  },
  {
    id: 'image',
    title: { en: 'Order a picture', ru: 'Закажите картинку' },
    text: {
      en: 'Send /generate and a prompt. One message shows the progress, then the picture comes.',
      ru: 'Отправьте /generate и описание. Одно сообщение покажет ход работы, потом придёт картинка.',
    },
    button: { en: 'Send /generate', ru: 'Отправить /generate' },
    send: '/generate',
    done: (facts) => facts.photosAfterPayment > 0,
  },
  {
    id: 'stop',
    needs: 'stop-billing',
    title: { en: 'Stop the till and pay', ru: 'Остановите приём денег и заплатите' },
    text: {
      en: 'The worker that books money stops. Buy again: the payment is noted and waits.',
      ru: 'Процесс, который зачисляет деньги, остановится. Купите ещё раз: оплата не потеряется и подождёт.',
    },
    button: { en: 'Stop billing and send /buy', ru: 'Остановить и отправить /buy' },
    control: 'stop-billing',
    send: '/buy',
    done: (facts) => facts.paymentsWhileStopped > 0,
  },
  {
    id: 'revive',
    needs: 'start-billing',
    title: { en: 'Start it again: money once', ru: 'Запустите снова: деньги придут один раз' },
    text: {
      en: 'What waited is credited now. Ask for your balance and compare.',
      ru: 'Отложенная оплата зачислится сразу. Откройте баланс и сравните.',
    },
    button: { en: 'Start billing', ru: 'Запустить снова' },
    control: 'start-billing',
    done: (facts) => facts.answersAfterRevival > 0,
  },
  {
    id: 'twice',
    without: 'stop-billing',
    title: { en: 'Break it: a payment told twice', ru: 'Сломайте: об оплате сообщили дважды' },
    text: {
      en: 'Telegram will tell the shop about your next payment twice. Pay once more: the balance grows once.',
      ru: 'О следующей оплате Telegram сообщит магазину дважды. Заплатите ещё раз: баланс вырастет один раз.',
    },
    button: { en: 'Prepare and send /buy', ru: 'Подготовить и отправить /buy' },
    fault: 'payment-twice',
    send: '/buy',
    done: (facts) => facts.repeatedPayments > 0,
  },
]

/** More to try. `persona` switches to a person, `fault` turns a fault on, `send` writes, `crowd` lets people press Start. */
export const scenarios = [
  {
    id: 'stars-friend',
    title: { en: 'Stars to a friend', ru: 'Звёзды другу' },
    text: {
      en: 'As Regular: “⭐ Stars” → “For somebody else” → “👥 Choose from contacts”, take Friend. Follow the order card until it says delivered.',
      ru: 'Вы «Постоянный покупатель»: «⭐ Звёзды» → «Другому» → «👥 Выбрать из контактов», возьмите «Друга». Следите за карточкой заказа до слова «доставлено».',
    },
    expected: {
      en: 'Tokens are reserved first and charged only when delivery is confirmed.',
      ru: 'Токены сначала резервируются и списываются только после подтверждённой доставки.',
    },
    persona: 'regular',
    send: '/start',
  },
  {
    id: 'return',
    title: { en: 'Low balance and back', ru: 'Не хватило, пополнили, вернулись' },
    text: {
      en: 'Ask for a picture without enough tokens. The bot offers the missing sum; after paying, the order waits for you.',
      ru: 'Закажите картинку, когда токенов мало. Бот предложит недостающую сумму; после оплаты заказ ждёт вас.',
    },
    expected: {
      en: 'The order is not lost on the way to the till.',
      ru: 'Заказ не теряется по дороге к оплате.',
    },
    persona: 'new',
    send: '/generate',
  },
  {
    id: 'provider-page',
    title: { en: 'Paid too little, too late, twice', ru: 'Заплатили мало, поздно, дважды' },
    text: {
      en: 'Top up with a crypto or card provider. On its practice page choose exact, less, more, late or twice.',
      ru: 'Пополните криптовалютой или картой. На учебной странице выберите: точно, меньше, больше, поздно или дважды.',
    },
    expected: {
      en: 'What really came is credited once; what needs a person is said so.',
      ru: 'Зачисляется один раз то, что пришло; если нужен человек, бот так и говорит.',
    },
    persona: 'regular',
    send: '/topup',
  },
  {
    id: 'referral',
    title: { en: 'Referral and promo code', ru: 'Приглашение и промокод' },
    text: {
      en: 'As Regular open “Friends”, press “Invite” and hand the link to Friend. Then pay something as Friend.',
      ru: 'Вы «Постоянный покупатель»: откройте «Друзья», нажмите «Позвать» и передайте ссылку «Другу». Потом заплатите за «Друга».',
    },
    expected: {
      en: 'Friend hears that the invitation counts; under “Friends”, Regular sees the reward, which comes once, when the payment can no longer be refunded (21 days).',
      ru: '«Друг» узнаёт, что приглашение засчитано; у «Постоянного покупателя» по кнопке «Друзья» видна награда. Она приходит один раз, когда платёж уже нельзя вернуть (21 день).',
    },
    persona: 'regular',
    send: '/start',
  },
  {
    id: 'manual',
    title: { en: 'Proof of payment', ru: 'Чек вручную' },
    text: {
      en: 'As Admin, in /providers, press “Card of a Russian bank”, type any card number and save it. Then as New customer: /topup → “Manual transfer”, attach the sample receipt, and approve it as Admin in the split view.',
      ru: 'За «Админа» в /providers нажмите «Карта российского банка», напишите любой номер карты и сохраните. Потом за «Нового покупателя»: /topup → «Перевод вручную», прикрепите образец чека и подтвердите его за «Админа» рядом.',
    },
    expected: {
      en: 'Only approval credits; a second press says who decided.',
      ru: 'Зачисляет только одобрение; второе нажатие скажет, кто решил.',
    },
    persona: 'admin',
    send: '/providers',
  },
  {
    id: 'broadcast',
    title: { en: 'Mailing to 1,000', ru: 'Рассылка на 1 000' },
    text: {
      en: 'A thousand people press Start (about a minute). Then as Admin: /admin → “📣 Mailings”.',
      ru: 'Тысяча человек нажмёт «Начать» (около минуты). Затем за «Админа»: /admin → «📣 Рассылки».',
    },
    expected: {
      en: 'Progress is edited in one message; pause and resume repeat nobody.',
      ru: 'Ход виден в одном сообщении; пауза и продолжение никому не пишут дважды.',
    },
    persona: 'admin',
    crowd: 1000,
  },
]
