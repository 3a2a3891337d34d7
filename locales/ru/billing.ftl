payment-take = Забрать на баланс
payment-overpaid =
    ✅ <b>Зачислено: { $credited }</b>

    Вы заплатили больше, чем нужно. Лишние { $rest } ждут вас: нажмите кнопку, и они окажутся на балансе.

    Баланс: { $balance }. Номер <code>{ $number }</code>
payment-underpaid-open =
    ⏳ <b>Пришло { $received } из { $asked }</b>

    Доплатите остаток по той же ссылке, пока счёт открыт. Номер <code>{ $number }</code>
payment-underpaid =
    ⚠️ <b>Оплачено не полностью: { $received } из { $asked }</b>

    Деньги у нас и никуда не денутся. Заберите их на баланс или напишите в поддержку. Номер <code>{ $number }</code>
payment-late =
    ⚠️ <b>{ $received } пришли после срока счёта</b>

    Цена могла измениться, поэтому мы не купили ничего без вас. Заберите деньги на баланс. Номер <code>{ $number }</code>
payment-extra =
    ⚠️ <b>Пришло ещё { $received } по оплаченному счёту</b>

    Деньги ждут вас: заберите их на баланс. Номер <code>{ $number }</code>
payment-review =
    🔎 <b>Платёж на проверке</b>

    Условия платежа не совпали со счётом, поэтому его посмотрит человек. Деньги в безопасности. Номер <code>{ $number }</code>
deposit-notice =
    ✅ <b>Зачислено { $credited }</b>

    Перевод на ваш постоянный адрес. Номер <code>{ $number }</code>

alert-payment-terms =
    🔎 <b>Платёж на проверке: другая сумма или валюта</b>

    { $provider }, номер <code>{ $number }</code>, статус { $status }.
alert-payment-sum =
    🔎 <b>Платёж на проверке: провайдер не назвал сумму</b>

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
    🔎 <b>Деньги без хозяина</b>

    { $provider }, перевод <code>{ $number }</code>, статус { $status }. Ни один человек здесь не ждёт такого перевода.
error-amount-limits = Этот способ берёт от { $min } до { $max }.

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

    Платёж <code>{ $number }</code>: провайдер не ответил, возврат мог состояться. Повторять его нельзя; мы спросим провайдера сами, а если он не скажет, посмотрите в его кабинете.
alert-refund-refused =
    ⚠️ <b>Возврат не состоялся</b>

    Платёж <code>{ $number }</code>: { $reason }. Деньги человека снова на его балансе.
error-refund-not-paid = Этот платёж нельзя вернуть: денег по нему нет.
error-refund-taken = Часть денег человек уже забрал в другой валюте. Верните их вручную.
error-refund-already = Возврат этого платежа уже идёт.

balance-add = Пополнить
method-cryptomus = Криптовалюта · Cryptomus
method-cryptomus-hint = комиссия сети, 1–20 минут
method-heleket = Криптовалюта · Heleket
method-heleket-hint = комиссия сети, 1–20 минут
method-mulenpay = Карта РФ или СБП
method-mulenpay-hint = без комиссии, около минуты
method-cryptopay = Crypto Pay (@CryptoBot)
method-cryptopay-hint = без комиссии, сразу
method-manual = Перевод вручную
method-stars = Звёзды Telegram
pay-methods = 💳 <b>Как пополнить баланс?</b>
pay-methods-missing = 💳 <b>Не хватает { $sum }. Как пополнить баланс?</b>
pay-method-line = • { $method }: { $hint }, от { $min } до { $max }
pay-sums =
    💳 <b>{ $method }</b>

    Выберите сумму: от { $min } до { $max }.
pay-own-sum = Другая сумма
pay-type-sum = ✍️ Напишите сумму в рублях: от { $min } до { $max }. Например: 1 000,50
pay-type-sum-again = ⚠️ Не получилось прочитать. Нужно число от { $min } до { $max }, например: 1 000,50
pay-out-of-limits = Этот способ не берёт такую сумму. Выберите другую.
pay-method-off = Этот способ сейчас выключен. Выберите другой.
pay-description = Пополнение баланса, номер { $number }
pay-title = 💳 <b>{ $sum }</b> · { $method }
pay-status-created = ⏳ Готовим счёт, это пара секунд…
pay-status-pending = ① <b>Ждём оплату.</b> Зачислим сами, чат можно закрыть.
pay-status-confirming = ② <b>Платёж виден в сети, ждём подтверждений.</b> Чат можно закрыть.
pay-status-paid = ③ ✅ <b>Оплачено.</b> Зачислено: { $credited }.
pay-status-overpaid = ③ ✅ <b>Оплачено с избытком.</b> Зачислено: { $credited }.
pay-status-late = ⚠️ <b>Деньги пришли после срока счёта</b> и ждут вас: { $rest }.
pay-status-underpaid-open = ⏳ <b>Пришла часть суммы.</b> Доплатите остаток по той же ссылке.
pay-status-underpaid = ⚠️ <b>Оплачено не полностью.</b> Деньги у нас, ждут вас: { $rest }.
pay-status-expired = ⌛ <b>Срок счёта вышел.</b> Если вы уже отправили деньги, не платите второй раз: мы найдём их и зачислим.
pay-status-cancelled = ✖️ <b>Счёт отменён.</b> Если вы уже отправили деньги, мы найдём их и зачислим.
pay-status-failed = ⚠️ <b>Счёт получить не удалось.</b> Деньги не списаны. Попробуйте ещё раз или выберите другой способ.
pay-status-review = 🔎 <b>Платёж проверяет человек.</b> Деньги в безопасности.
pay-status-refunded = ↩️ <b>Деньги возвращены.</b>
pay-deadline = Счёт действует до { $time } МСК (ещё { $minutes } мин).
pay-checked = Последняя проверка: { $time } МСК.
pay-number = Номер <code>{ $number }</code>
pay-open = Оплатить { $sum }
pay-copy-link = Скопировать ссылку
pay-check = Я оплатил — проверить
pay-checking = Спрашиваем провайдера…
pay-check-wait = Только что проверяли. Спрашивать можно раз в { $seconds } с.
pay-again = Новый счёт
pay-other-method = Сменить способ
pay-taken = { $sum } на вашем балансе.
pay-taken-already = Эти деньги уже на балансе.
