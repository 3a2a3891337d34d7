error-promo-unknown = Такого промокода нет. Проверьте, как он написан.
error-promo-expired = Срок этого промокода истёк.
error-promo-early = Этот промокод ещё не действует.
error-promo-other-bot = Этот промокод действует в другом нашем боте.
error-promo-used = Вы уже использовали этот промокод.
error-promo-used-up = Этот промокод больше не действует: все использования исчерпаны.
error-promo-first-only = Этот промокод — только для первой покупки.
error-promo-conflict = Этот запрос уже занят другим использованием промокода.
error-promo-bad-code = Промокод — от 3 до 40 латинских букв, цифр, «-» и «_».
error-promo-taken = Такой промокод уже есть.
error-promo-tries = Слишком много попыток. Подождите десять минут.
menu-promo = Промокод
promo-ask = 🎟 Напишите промокод.
promo-offer =
    🎟 <b>{ $code }</b>

    { $effect }
promo-apply = Применить
promo-done =
    ✅ <b>Промокод применён</b>

    { $effect }
promo-effect-money = { $sum } на ваш баланс.
promo-effect-percent = +{ $percent }{"\u00A0"}% к следующему пополнению.
promo-effect-minimum = Пополнение от { $sum }.
promo-effect-maximum = Бонус не больше { $sum }.
promo-effect-discount = Скидка { $percent }{"\u00A0"}% ({ $product }): вернём её на баланс сразу после покупки.
promo-effect-discount-maximum = Не больше { $sum }, если платите в этой валюте.
promo-effect-days = Дней подписки { $plan }: { $days }.
promo-any = любая покупка
error-promo-line = Не понимаю. Пример: percent 20 SPRING 100 until=2027-03-01
error-promo-nowhere = Такой подписки или такого бота нет.
error-promo-all-bots = Без bot=… код действует во всех ботах, а часть из них не ваша. Допишите в строку bot={ $bot }
admin-promo = 🎟 Промокоды
admin-promo-title = 🎟 <b>Промокампании</b>: { $count }
admin-promo-new = Новая кампания
admin-promo-pause = Приостановить
admin-promo-resume = Возобновить
admin-promo-ask =
    🎟 Напишите одной строкой: вид, значение, код (или *число кодов), сколько раз каждый, и что нужно ещё:

    <code>tokens 10 HELLO 500 first=yes</code>
    <code>percent 20 SPRING 100 until=2027-03-01</code>
    <code>discount 15 *200 1 product=premium</code>
    <code>amount 5.50 GIFT 10 asset=EUR per=2</code>
    <code>days 30 PLUS30 50 plan=plus bot=main</code>
    <code>percent 10 TOPUP 300 min=50 max=200 from=2027-01-01</code>

    <code>discount 50 HALF 100 product=item max=200</code>

    Дни считаются по Москве, последний входит. per — сколько раз одному покупателю. max — сколько самое большее отдаёт одно использование: в токенах или в валюте оплаты, если указать asset=…. Скидку без max, кроме скидки на звёзды и Premium, подтверждает второй администратор.
admin-promo-sure =
    🎟 <b>Создать промокод { $name }?</b>

    { $kind } { $value }
    Условия: { $limits }
    Кодов: { $codes }, использований всего: { $uses }
admin-promo-make = Создать
admin-promo-report =
    🎟 <b>{ $name }</b>

    { $kind } { $value }
    Условия: { $limits }
    Кодов: { $codes }, использований: { $uses }, осталось: { $left }, покупателей: { $people }
    Отдано: { $cost }
    Оплатили с тех пор: { $revenue }
promo-kind-amount = Сумма на баланс:
promo-kind-tokens = Токены:
promo-kind-percent = К пополнению, %:
promo-kind-discount = Скидка, %:
promo-kind-days = Дней подписки:
promo-limit-asset = пополнение в { $value }
promo-limit-product = на что: { $value }
promo-limit-plan = подписка { $value }
promo-limit-bot = только бот { $value }
promo-limit-per = одному покупателю до { $value } раз
promo-limit-first = только первая покупка
promo-limit-min = пополнение от { $value }
promo-limit-max = бонус до { $value }
promo-limit-discount-asset = оплата в { $value }
promo-limit-discount-max = скидка до { $value }
promo-limit-from = с { $value }
promo-limit-until = по { $value } включительно
admin-promo-pause-ask =
    🎟 <b>Приостановить промокоды «{ $name }»?</b>

    Было: действуют, осталось использований: { $left }
    Станет: не сработают, пока вы их не возобновите
admin-promo-pause-yes = Да, приостановить
