payment-take = Забрать на баланс
payment-overpaid =
    ✅ <b>Зачислено: { $credited }</b>

    Вы заплатили больше, чем нужно. Лишние { $rest } ждут вас: нажмите кнопку, и они окажутся на балансе.

    Баланс: { $balance }. Номер <code>{ $number }</code>
payment-underpaid-open =
    ⏳ <b>Пришло { $received } из { $asked }</b>

    Осталось { $rest }. Доплатите по той же ссылке, пока счёт открыт: зачислим всё сразу. Номер <code>{ $number }</code>
payment-underpaid-some =
    ⏳ <b>Пришла часть из { $asked }</b>

    Доплатите остаток по той же ссылке, пока счёт открыт: зачислим всё сразу. Номер <code>{ $number }</code>
pay-rest = Доплатить { $rest }
pay-open-card = Открыть счёт
payment-underpaid =
    ⚠️ <b>Оплачено не полностью: { $received } из { $asked }</b>

    Деньги у нас и никуда не денутся. Заберите их на баланс или напишите в поддержку. Номер <code>{ $number }</code>
payment-late =
    ⚠️ <b>{ $received } пришли после срока счёта</b>

    За это время цена могла измениться, поэтому сами мы ничего не покупали. Заберите деньги на баланс. Номер <code>{ $number }</code>
payment-extra =
    ⚠️ <b>Пришло ещё { $received } по оплаченному счёту</b>

    Деньги ждут вас: заберите их на баланс. Номер <code>{ $number }</code>
payment-extra-credited =
    ⚠️ <b>Пришло ещё { $received } по оплаченному счёту</b>

    Деньги уже на балансе. Номер <code>{ $number }</code>
payment-review =
    🔎 <b>Платёж на проверке</b>

    Условия платежа не совпали со счётом, его проверит администратор. Деньги в безопасности. Номер <code>{ $number }</code>
deposit-notice =
    ✅ <b>Зачислено { $credited }</b>

    Перевод на ваш постоянный адрес. Номер <code>{ $number }</code>

alert-payment-terms =
    🔎 <b>Платёж на проверке: другая сумма или валюта</b>

    { $provider }, номер <code>{ $number }</code>, статус { $status }.
alert-payment-sum =
    🔎 <b>Платёж на проверке: платёжная система не назвала сумму</b>

    { $provider }, номер <code>{ $number }</code>, статус { $status }.
alert-payment-locked =
    🔎 <b>Платёж задержан проверкой AML</b>

    { $provider }, номер <code>{ $number }</code>, статус { $status }.
alert-payment-unknown =
    ⚠️ <b>Незнакомый статус платежа</b>

    { $provider }, номер <code>{ $number }</code>, статус { $status }. Состояние не изменилось.
alert-payment-refund =
    🔎 <b>Возврат, которого мы не просили</b>

    { $provider }, номер <code>{ $number }</code>, статус { $status }.
alert-payment-orphan =
    🔎 <b>Неопознанный перевод</b>

    { $provider }, перевод <code>{ $number }</code>, статус { $status }. Он не относится ни к одному счёту.
alert-payment-charge =
    🔎 <b>Неизвестно, списались ли деньги с карты</b>

    Списание { $sum } через { $provider } с карты •• { $digits } покупателя <code>{ $person }</code>: уже двое суток не можем узнать, чем оно кончилось.

    Найдите платёж <code>{ $number }</code> в кабинете { $provider }. Откройте его здесь и отметьте, пришли ли деньги. До этого карту за подписку больше не списываем.
alert-payment-lost =
    🔎 <b>Платёж, о котором магазин не знает</b>

    { $provider }, перевод <code>{ $number }</code>: { $sum }, по номеру платежа покупателя <code>{ $person }</code>. Такого платежа в базе нет, а без вас такое зачисляется только в пределах суточного лимита.

    Проверьте перевод в кабинете { $provider }. Если он настоящий, зачислите его: <code>/payments { $payment }</code>. Если база только что восстановлена из копии, задайте RECOVERY_MODE=true: пропавшие платежи зачислятся сами.
error-amount-limits = Этим способом можно оплатить от { $min } до { $max }.

alert-stars-not-listed-paid =
    🔎 <b>Оплата, которой нет у Telegram</b>

    Бот { $bot }, покупатель <code>{ $person }</code>: { $stars }, платёж <code>{ $charge }</code>. За 15 минут она не появилась в списке звёзд у Telegram, поэтому ничего не зачислено. Появится — зачислим сами. Если таких сообщений много, кто-то пишет в Redis: проверьте, кому он открыт.
alert-stars-not-listed-refunded =
    🔎 <b>Возврат, которого нет у Telegram</b>

    Бот { $bot }, покупатель <code>{ $person }</code>: { $stars }, платёж <code>{ $charge }</code>. За 15 минут возврат не появился в списке звёзд у Telegram, поэтому ничего не списано. Появится — спишем сами. Если таких сообщений много, кто-то пишет в Redis: проверьте, кому он открыт.
alert-stars-unlisted =
    🚨 <b>Зачислены звёзды, которых нет у Telegram</b>

    Бот { $bot }, покупатель <code>{ $person }</code>: { $stars } → { $credited }, платёж <code>{ $number }</code>. Прошло три минуты, а в списке звёзд у Telegram этой оплаты нет: похоже на подделку. Заморожено { $frozen }, остальное уже потрачено.

    Откройте платёж и решите, оставить токены или забрать. Если их много, остановите бота и проверьте, у кого его токен и доступ к Redis.
alert-stars-differ =
    🔎 <b>Звёзды бота { $bot }: учёт расходится с Telegram</b>

    У Telegram { $telegram }, по нашему учёту { $books }, и так больше десяти минут. Обе суммы видны в /health. Сверьте список звёзд бота в Telegram с /payments: какого-то движения нет у нас или нет там. Сами мы ничего не правим.
stars-frozen =
    ⏳ <b>Платёж на { $stars } проверяется</b>

    Telegram пока его не подтвердил, поэтому { $frozen } на балансе зарезервированы. Обычно это недолго. Номер <code>{ $number }</code>
stars-thawed = ✅ Платёж на { $stars } подтверждён, зарезервированные токены снова доступны. Номер <code>{ $number }</code>
stars-taken =
    ↩️ <b>Платёж на { $stars } не подтвердился</b>

    Telegram его не знает. Списано с баланса: { $taken }. Если звёзды у вас всё же списались, напишите в поддержку.
unlisted-keep = Оставить токены
unlisted-take = Забрать токены
unlisted-ask =
    🚨 Забрать у покупателя <code>{ $person }</code> то, что зачислено за { $stars }?

    Спишется { $taken }. Потрачено раньше, чем заметили: { $lost }, это ваш убыток. Telegram ничего не вернёт: такой оплаты он не знает.
unlisted-take-do = Забрать { $taken }
unlisted-done = Принято. Исход появится в истории платежа, покупатель получит сообщение.
payment-refunded =
    ↩️ <b>Мы вернули вам { $back }</b>

    Списано с баланса: { $taken }. Номер <code>{ $number }</code>
alert-payment-compared =
    🔎 <b>Сверка с { $provider }: есть расхождения</b>

    Сверено платежей: { $compared }
    Зачислено сверкой: { $healed }
    Оплачено там, у нас нет: { $orphans }
    Зачислено у нас, там не оплачено: { $missing }
alert-refund-unknown =
    ⚠️ <b>Возврат без ответа</b>

    Платёж <code>{ $number }</code>: платёжная система не ответила, возврат мог состояться. Повторять его нельзя: мы переспросим её сами, а если ответа не будет, посмотрите в её кабинете.
alert-refund-refused =
    ⚠️ <b>Возврат не состоялся</b>

    Платёж <code>{ $number }</code>: { $reason }. Деньги снова на балансе покупателя.
refund-why-no-way = эта платёжная система сама деньги не возвращает
refund-why-more-came = после запроса пришли ещё деньги, запросите возврат заново
refund-why-vendor = платёжная система не смогла его провести
refund-why-seen = администратор увидел в её кабинете, что возврата не было
error-refund-not-paid = Этот платёж нельзя вернуть: денег по нему нет.
error-refund-taken = Часть денег покупатель уже получил в другой валюте. Верните их вручную.
error-refund-already = Возврат этого платежа уже идёт.

balance-add = Пополнить
method-cryptomus = Криптовалюта · Cryptomus
method-cryptomus-hint = комиссия сети, 1–20 минут
method-heleket = Криптовалюта · Heleket
method-heleket-hint = комиссия сети, 1–20 минут
method-mulenpay = Карта РФ или СБП · MulenPay
method-mulenpay-hint = без комиссии, около минуты
method-yookassa = Карта РФ или СБП · ЮKassa
method-yookassa-hint = без комиссии, около минуты
pay-keep = Картой РФ, и запомнить её
method-cryptopay = Crypto Pay (@CryptoBot)
method-cryptopay-hint = без комиссии, сразу
method-manual = Перевод вручную
method-stars = Звёзды Telegram
pay-methods = 💳 <b>Как пополнить баланс?</b>
pay-methods-missing = 💳 <b>Не хватает { $sum }. Как пополнить баланс?</b>
pay-methods-rest = 💳 <b>Осталось доплатить { $sum }. Как заплатите?</b> То, что уже пришло, не пропадёт.
pay-methods-again = 💳 <b>Новый счёт на { $sum }. Как заплатите?</b>
pay-keep-hint = «И запомнить» — чтобы подписка продлевалась сама. Сначала возьмём токены и рубли с баланса, недостающее спишем с карты и напишем об этом хотя бы за сутки. Забыть карту можно в «Подписках».
pay-method-line = • { $method }: { $hint }, от { $min } до { $max }
pay-sums =
    💳 <b>{ $method }</b>

    Выберите сумму: от { $min } до { $max }.
pay-own-sum = Другая сумма
pay-type-sum = ✍️ Напишите сумму в рублях: от { $min } до { $max }. Например: 1 000,50
pay-type-sum-again = ⚠️ Не получилось прочитать. Нужно число от { $min } до { $max }, например: 1 000,50
pay-type-email = ✍️ Напишите электронную почту: на неё придёт чек. Спросим один раз.
pay-email-key = Чек на { $email }
error-receipt-email = Для чека нужна ваша электронная почта. Напишите боту /topup, выберите этот способ и укажите её: спросим один раз.
error-receipt-email-wrong = Это не похоже на электронную почту. Пример: name@example.ru
pay-out-of-limits = Этим способом такую сумму оплатить нельзя. Выберите другую.
pay-method-off = Этот способ сейчас выключен. Выберите другой.
pay-description = Пополнение баланса, номер { $number }
pay-title = 💳 <b>{ $sum }</b> · { $method }
pay-status-created = ⏳ Готовим счёт, это пара секунд…
pay-status-pending = ① <b>Ждём оплату.</b> Зачислим сами, чат можно закрыть.
pay-status-confirming = ② <b>Платёж виден в сети, ждём подтверждений.</b> Чат можно закрыть.
pay-status-paid = ③ ✅ <b>Оплачено.</b> Зачислено: { $credited }.
pay-status-taken = ③ ✅ <b>Деньги на балансе.</b> Зачислено: { $credited }.
pay-status-overpaid = ③ ✅ <b>Переплата.</b> Зачислено: { $credited }, ещё ждут вас: { $rest }.
pay-status-late = ⚠️ <b>Деньги пришли после срока счёта</b> и ждут вас: { $rest }.
pay-status-underpaid-open = ⏳ <b>Пришло { $received } из { $asked }, осталось { $left }.</b> Доплатите по той же ссылке.
pay-status-underpaid-some = ⏳ <b>Пришла часть суммы.</b> Доплатите остаток по той же ссылке.
pay-status-underpaid = ⚠️ <b>Оплачено не полностью.</b> Деньги у нас, ждут вас: { $rest }.
pay-status-expired = ⌛ <b>Срок счёта вышел.</b> Если вы уже отправили деньги, не платите второй раз: мы найдём их и зачислим.
pay-status-cancelled = ✖️ <b>Счёт отменён.</b> Если вы уже отправили деньги, мы найдём их и зачислим.
pay-status-failed = ⚠️ <b>Не удалось выставить счёт.</b> Деньги не списаны. Попробуйте ещё раз или выберите другой способ.
pay-status-review = 🔎 <b>Платёж проверяет администратор.</b> Деньги в безопасности.
pay-status-refunded = ↩️ <b>Деньги возвращены.</b>
pay-came = Всего пришло { $received }, из них сверх счёта { $extra }.
pay-came-extra = Сверх счёта пришло { $extra }.
pay-came-waits = Пришло { $received }, деньги ждут вас.
pay-came-all = Пришло { $received }.
pay-again-of = Это ещё одна оплата счёта <code>{ $number }</code>.
pay-paid-again = Этот счёт оплачен ещё раз: платёж <code>{ $number }</code>.
pay-deadline = Счёт действует до { $until } (ещё { $minutes } мин).
pay-checked = Последняя проверка: { $date }.
pay-number = Номер <code>{ $number }</code>
pay-open = Оплатить { $sum }
pay-copy-link = Скопировать ссылку
pay-check = Я оплатил — проверить
pay-checking = Проверяем оплату…
pay-check-wait = Только что проверяли. Следующая проверка — через { $seconds } с.
pay-again = Новый счёт
pay-repeat = Пополнить ещё на { $sum }
pay-other-method = Сменить способ
pay-taken = Зачислено: { $sum }. Баланс: { $balance }.
pay-taken-already = Эти деньги уже на балансе.

manual-methods = 🧾 <b>Перевод вручную</b>. Выберите, как вам удобнее:
manual-none = Переводы вручную сейчас не принимаем. Выберите другой способ.
manual-card_ru = Карта российского банка
manual-card_world = Карта зарубежного банка
manual-crypto = Криптовалюта
manual-sums = 🧾 <b>Сколько?</b> Сумма на баланс или пакет токенов:
manual-pay =
    🧾 <b>Переведите { $sum }</b>

    { $requisites }

    Потом пришлите сюда чек: фото, файл или текст перевода. Получите: { $credit }. Обычно проверяем за час.
    Номер <code>{ $number }</code>
manual-copy = Скопировать реквизиты
manual-cancel = Отменить заявку
manual-cancelled = Заявка отменена.
manual-proof-again = ⚠️ Это не похоже на чек. Пришлите фото, файл или текст перевода.
receipt-ask = 🧾 Это чек по заявке на { $sum }? Номер заявки <code>{ $number }</code>
receipt-yes = Да, это чек
receipt-no = Нет, это для картинки
receipt-none = Хорошо, к заявке не прикладываем. Пришлите фото ещё раз, и мы сделаем из него картинку.
receipt-late = По этой заявке уже есть решение. Если что-то не так, напишите в поддержку.
alert-request-more = 🧾 <b>К заявке на { $sum } добавили чек или пояснение</b>: <code>{ $person }</code>, номер <code>{ $number }</code>
manual-waiting =
    🔎 <b>Заявка на { $sum } на проверке</b>

    Получите: { $credit }. Напишем, как только решим. Номер <code>{ $number }</code>
request-open = Открыть заявку
alert-request = 🧾 <b>Новая заявка: { $sum }</b> от <code>{ $person }</code>, номер <code>{ $number }</code>
alert-request-duplicate = ⚠️ <b>Заявка с повторным чеком: { $sum }</b> от <code>{ $person }</code>, номер <code>{ $number }</code>. Такой же чек: { $twins }
requests-title = 🧾 <b>Ждут решения: { $count }</b>
requests-none = 🧾 Заявок нет. Всё спокойно.
request-card =
    🧾 <b>{ $sum }</b> · { $method }

    Зачислить: { $credit }
    Покупатель: { $name } <code>{ $person }</code>
    Создана { $date }, номер <code>{ $number }</code>
request-twins = ⚠️ Такой же чек уже был в заявках: { $twins }
request-yes = Подтвердить
request-no = Отклонить
request-second = Ваше подтверждение учтено. Для такой суммы нужен ещё один администратор.
request-more = Запросить ещё
request-more-title = Чего не хватает? Покупатель получит сообщение, заявка останется открытой.
request-more-readable = Чёткое фото чека
request-more-whole = Чек целиком
request-more-payer = Кто и с какой карты перевёл
request-more-own = ✍️ Написать своими словами
request-more-type = ✍️ Напишите, что нужно от покупателя: до 300 знаков. Он прочтёт это как есть.
request-more-sent = 📨 Покупателю написали: «{ $wanted }». Заявка <code>{ $number }</code> ждёт его ответа.
request-more-late = По этой заявке уже есть решение: писать нечего.
request-more-waits = ⏳ Ждём от покупателя: «{ $wanted }» (спрашивает { $by })
request-wanted-readable = Пришлите чёткое фото чека: суммы и даты на нём не видно.
request-wanted-whole = Пришлите чек целиком: с датой, суммой и получателем.
request-wanted-payer = Напишите имя отправителя и последние 4 цифры карты, с которой перевели.
request-wanted =
    ✋ <b>Заявка на { $sum } открыта, но нам нужно ещё кое-что</b>

    { $wanted }

    Нажмите кнопку и пришлите ответ. Номер <code>{ $number }</code>
request-answer = Ответить по заявке
request-answer-ask = 🧾 Пришлите сюда фото, файл или текст: передадим администратору. Номер заявки <code>{ $number }</code>
error-request-wanted = Напишите, чего не хватает: от 1 до 300 знаков.
request-why = Почему отклоняем? Причину увидит покупатель.
request-reason-no-money = Деньги не пришли
request-reason-other-sum = Другая сумма
request-reason-unreadable = Чек не читается
request-reason-duplicate = Этот чек уже был
request-credited = ✅ Заявка <code>{ $number }</code> подтверждена. Решение: { $by }
request-declined = ✖️ Заявка <code>{ $number }</code> отклонена или отменена. Решение: { $by }
request-card-paid = ✅ <b>Заявка на { $sum } подтверждена.</b> Зачислено: { $credit }. Номер <code>{ $number }</code>
request-card-cancelled = ✖️ <b>Заявка на { $sum } отменена.</b> Номер <code>{ $number }</code>
request-card-expired = ⌛ <b>Срок заявки на { $sum } вышел.</b> Если деньги уже ушли, создайте новую заявку и пришлите чек. Номер <code>{ $number }</code>
request-rejected-no-money = ✖️ <b>Заявка на { $sum } отклонена:</b> перевод к нам не пришёл. Если деньги списаны, напишите в поддержку. Номер <code>{ $number }</code>
request-rejected-other-sum = ✖️ <b>Заявка на { $sum } отклонена:</b> пришла другая сумма. Создайте заявку на неё или напишите в поддержку. Номер <code>{ $number }</code>
request-rejected-unreadable = ✖️ <b>Заявка на { $sum } отклонена:</b> чек не удалось прочитать. Создайте новую и пришлите чёткое фото. Номер <code>{ $number }</code>
request-rejected-duplicate = ✖️ <b>Заявка на { $sum } отклонена:</b> этот чек уже был в другой заявке. Номер <code>{ $number }</code>
error-request-open = У вас уже есть открытая заявка. Откройте «Пополнить», чтобы продолжить её.

payments-title = 💳 <b>Платежи</b>
payments-none = 💳 Таких платежей нет.
payments-all = Все
payments-attention = Разобрать
payments-open = Ждут
payments-paid = Оплачены
payments-over = Закрыты
payments-providers = Платёжные системы
payments-requests = 🧾 Заявки
payment-unknown = Такого платежа нет.
payment-facts =
    { $icon } <b>{ $sum }</b> · { $provider } · { $state }

    Обещано: { $credit }
    Учтено: { $booked }, из них в ожидании: { $suspended }
    Счёт: <code>{ $invoice }</code>
    Покупатель <code>{ $person }</code>, бот { $bot }
    Номер <code>{ $number }</code>
payment-check = Сверить сейчас
payment-give = Зачислить удержанное
payment-given = Сделано.
payment-credit = Зачислить обещанное
payment-credit-ask =
    ⚠️ Зачислить <b>{ $credit }</b> покупателю <code>{ $person }</code>?

    Только если вы видели эти деньги в кабинете { $provider }. Это делается один раз.
payment-credit-do = Деньги видел: +{ $credit }
payment-disown = Не наш платёж
payment-disown-ask =
    ⚠️ <b>Закрыть платёж на { $sum } без зачисления?</b>

    Если в кабинете { $provider } счёта <code>{ $invoice }</code> нет или он от другого магазина. Покупатель <code>{ $person }</code> ничего не получит, и что бы ни пришло об этом платеже потом, само оно не зачислится.

    Если окажется, что деньги всё-таки его, зачислите их корректировкой.
payment-not-charged = Списания не было
payment-not-charged-ask =
    ⚠️ <b>С карты •• { $digits } точно ничего не списано?</b>

    Только если в кабинете { $provider } нет платежа на { $sum } от покупателя <code>{ $person }</code>. Если подписка ещё действует, карту попробуем списать снова.
payment-disown-yes = Да, закрыть
payment-disowned = Платёж закрыт.
payment-refund = Вернуть деньги
payback-full =
    ↩️ Вернуть <b>{ $back }</b> покупателю <code>{ $person }</code> через { $provider }?

    Возвращается вся сумма. С баланса спишется { $held }.
payback-address =
    ↩️ Вернуть <b>{ $back }</b> покупателю <code>{ $person }</code> через { $provider }?

    Деньги уйдут на адрес кошелька, который назовёт покупатель. С баланса спишется { $held }.
payback-none =
    ↩️ <b>{ $provider } не возвращает деньги</b>

    Отправьте { $back } покупателю <code>{ $person }</code> сами и спишите их с баланса корректировкой.
payback-stars =
    ↩️ Вернуть <b>{ $back }</b> покупателю <code>{ $person }</code>?

    Звёзды вернёт сам Telegram, все сразу. С баланса спишется { $held }.
payback-stars-plan =
    ↩️ Вернуть <b>{ $back }</b> покупателю <code>{ $person }</code>?

    Звёзды вернёт сам Telegram. Оплаченный ими период подписки закончится сразу, продлений больше не будет. С баланса ничего не спишется.
payback-spent = ⚠️ Уже потрачено { $shortfall }: это ваш убыток.
payback-go = Вернуть { $back }
payback-address-none = Адрес называет только сам покупатель: спросите его, и бот пришлёт вам ответ.
payback-address-awaited = ⏳ Адрес спросили { $since }, ответа пока нет.
payback-address-asked = Спросили. Как только покупатель назовёт адрес, бот вам напишет.
payback-ask = Спросить адрес
payback-ask-again = Спросить адрес ещё раз
payback-asked =
    ↩️ Мы готовы вернуть вам { $sum }

    Деньги отправим на ваш кошелёк. Нажмите и пришлите его адрес: кроме вас, его здесь никто указать не может.
payback-mine-key = Указать адрес
payback-mine-type = ✍️ Пришлите адрес своего кошелька в сети <b>{ $network }</b>: из неё вы платили. Вернём { $sum }.
payback-mine-type-any = ✍️ Пришлите адрес своего кошелька в той сети, из которой платили. Вернём { $sum }.
payback-mine-check =
    ⚠️ <b>Вернуть { $sum } сюда?</b>

    Адрес: <code>{ $address }</code>
    Сеть: <b>{ $network }</b>
    { $checked ->
        [yes] Контрольная сумма адреса верна для этой сети.
        [guessed] Адрес настоящий. Проверьте, что это сеть, из которой вы платили.
       *[no] Адреса этой сети мы проверять не умеем: сверьте его по буквам.
    }

    Отправленное вернуть нельзя.
payback-mine-yes = Да, это мой адрес
payback-mine-given =
    ✅ Адрес принят: <code>{ $address }</code>

    Когда деньги уйдут, напишем.
payback-to =
    ⚠️ <b>Отправить { $back } через { $provider }?</b>

    Адрес: <code>{ $address }</code>
    Сеть: <b>{ $network }</b>
    Покупатель: <code>{ $person }</code>
    { $checked ->
        [yes] Контрольная сумма адреса верна для этой сети.
        [guessed] Адрес настоящий, но в какой сети платил покупатель, неизвестно: спросите у него.
       *[no] Адреса этой сети мы проверять не умеем: сверьте его с присланным по буквам.
    }

    Отправленное вернуть нельзя.
payback-send = Отправить { $back }
payback-other-address = Другой адрес
error-address-broken = Это не адрес сети { $network }: в нём опечатка или он скопирован не целиком. Скопируйте его ещё раз и пришлите.
error-address-other = Это адрес другой сети ({ $other }), а деньги пришли в сети { $network }: отправленное туда пропадёт. Пришлите адрес в сети { $network }.
error-address-none = Это не похоже на адрес кошелька: в нём опечатка или он скопирован не целиком. Скопируйте его ещё раз и пришлите.
error-address-in-text = «{ $address }» похоже на адрес кошелька, но контрольная сумма не сходится: в нём опечатка. Скопируйте его ещё раз и пришлите реквизиты заново.
payback-accepted = Принято. Исход появится в истории платежа, покупатель получит сообщение.
payback-happened = Возврат состоялся
payback-not = Не состоялся
providers-title = 🔌 <b>Платёжные системы</b>
provider-on = принимает платежи
provider-off = выключена для новых платежей
provider-not-set = не настроена
provider-turn-on = Включить { $name }
provider-turn-off = Выключить { $name }
providers-limits =
    Уведомления об оплате перепроверяем запросом к платёжной системе, если сумма от { $confirm }.
    Второй администратор нужен заявкам от { $second }.
    Реквизиты для переводов вручную:
provider-confirm-above = Порог перепроверки
provider-second-above = Порог: двое админов
provider-type-limit = ✍️ Напишите сумму в рублях. 0 — для любой суммы.
provider-type-requisites =
    ✍️ Напишите реквизиты: { $method }.

    Для английского текста добавьте строку --- и напишите его после неё.
provider-requisites-off = Не принимать
error-provider-requisites = Реквизиты — это текст до { $most } знаков на каждом языке. Напишите их ещё раз.

method-wallet = Постоянный адрес
wallets-title = 🏦 <b>Ваши постоянные адреса</b>. Всё, что на них придёт, зачислится само.
wallets-none = Сейчас новые адреса не выдаём.
wallet-line =
    <b>{ $asset }</b> в сети { $network }:
    <code>{ $address }</code>
    Только { $asset } и только в этой сети: остальное пропадёт.
wallet-line-soon = <b>{ $asset }</b> в сети { $network }: адрес готовится…
wallet-line-late = <b>{ $asset }</b> в сети { $network }: сервис пока не отвечает, спрашиваем дальше. Ответит или откажет — напишем. Пополнить баланс можно и другим способом.
wallet-copy = Скопировать { $asset } · { $network }
wallet-make = Адрес для { $asset } · { $network }
wallet-making = Просим адрес, пришлём сообщением.
wallet-open = Мои адреса
wallet-ready =
    🏦 <b>Ваш адрес для { $asset } в сети { $network }</b>

    <code>{ $address }</code>

    Он ваш навсегда. Только { $asset } и только в этой сети: остальное пропадёт.
wallet-refused =
    ⚠️ <b>Адрес для { $asset } в сети { $network } получить не удалось.</b>

    Деньги не списаны. Попросите адрес ещё раз или пополните баланс другим способом.
wallet-again = Попросить ещё раз
wallet-other = Другие способы
error-refund-waiting = По этому платежу удержаны и деньги другого счёта. Сначала зачислите их покупателю.
pay-list = Мои платежи
pay-list-title = 🧾 <b>Ваши платежи</b>. Нажмите, чтобы открыть:
pay-list-empty = 🧾 Платежей пока нет.
method-deposit = Постоянный адрес
payments-section = 💳 Платежи
payment-story = Вся история и действия
request-sure =
    ✅ <b>Зачислить { $credit }?</b>

    Покупатель: { $name } <code>{ $person }</code>
    Перевод: { $sum }
    Баланс был: { $before }
    Станет: { $after }
request-sure-yes = Да, зачислить { $credit }
payment-story-created = создан
payment-story-webhook = уведомление
payment-story-check = ответ на проверку
payment-story-compare = сверка
payment-story-admin = решение администратора
payment-story-deposit = перевод на адрес
payment-story-orphan = неопознанный перевод
payment-story-paid = оплачен
payment-story-refunded = возвращён
payment-story-compared = сверен
payment-story-proof = чек
payment-story-approved = подтверждён администратором
payment-story-posting = проводка
payment-story-refund-asked = возврат запрошен
payment-story-refund-sent = возврат отправлен
payment-story-refund-started = возврат начат
payment-story-refund-done = возврат состоялся
payment-story-refund-refused = в возврате отказано
payment-story-refund-unknown = возврат без ответа
provider-name-stars = Звёзды
provider-name-cryptomus = Cryptomus
provider-name-heleket = Heleket
provider-name-mulenpay = MulenPay
provider-name-yookassa = ЮKassa
provider-name-cryptopay = Crypto Pay
provider-name-manual = Перевод вручную
person-payments-waiting = ⚠️ Платёж { $number }: ждут решения { $sum }
person-payment-open = 💳 Решить: { $sum }
person-part = ⏳ Платёж { $number }: пришло { $received } из { $asked }, ждём остаток
person-part-some = ⏳ Платёж { $number }: пришла часть из { $asked }, ждём остаток
person-part-open = 💳 Пришло { $received } из { $asked }
person-part-open-some = 💳 Пришла часть из { $asked }
provider-requisites-none = не принимаем
payment-give-ask =
    ✅ <b>Зачислить удержанную сумму { $sum }?</b>

    Покупатель: { $name } <code>{ $person }</code>
    Баланс был: { $before }
    Станет: { $after }
payment-give-yes = Да, зачислить { $sum }
unlisted-keep-ask =
    🚨 Оставить покупателю <code>{ $person }</code> то, что зачислено за { $stars }?

    Резерв снимется, { $frozen } снова доступны покупателю. В списке Telegram этой оплаты нет: если она поддельная, это ваш убыток.
payback-happened-ask =
    ↩️ <b>Возврат { $sum } состоялся?</b>

    Отвечайте «да», только если видели его в кабинете { $provider }. Списанное у покупателя <code>{ $person }</code> останется списанным.
payback-happened-yes = Да, деньги ушли
payback-not-ask =
    ↩️ <b>Возврат { $sum } не состоялся?</b>

    Деньги вернутся на баланс покупателя <code>{ $person }</code>. Если { $provider } их всё же отправит, это ваш убыток.
payback-not-yes = Да, деньги не ушли
unlisted-keep-yes = Да, оставить
