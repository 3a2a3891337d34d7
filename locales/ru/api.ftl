outage-command =
    🛠 <b>База данных сейчас недоступна</b>

    Покупки и списания ждут: мы ничего не спишем, пока она не вернётся. Оплаченное зачислим сами.
outage-kept = 🛠 База данных сейчас недоступна. Ваше сообщение получено: мы ответим на него, как только она вернётся.
outage-press = База данных недоступна. Ничего не списано; нажмите ещё раз через несколько минут.
outage-balance = Последний известный баланс: { $balance } ({ $time }).
outage-balance-unknown = Баланс покажем, как только база вернётся.
outage-alert =
    🛠 <b>PostgreSQL не отвечает</b>

    Боты отвечают последним известным балансом, заказы отклоняются, платежи и сообщения ждут в очереди. Ничего не теряется.
outage-over-alert = ✅ PostgreSQL снова отвечает. Очередь разбирается сама.
bot-paused = ⏸ Бот на паузе. Ваш баланс сохранён и доступен в других наших ботах.
admin-bots = 🤖 Боты
admin-bots-title = 🤖 <b>Боты этой базы</b>
admin-bots-line = <b>{ $name }</b> · { $username } · { $state } · людей: { $people }
admin-bot-pause = Пауза: { $name }
admin-bot-resume = Включить: { $name }
a-bot-state-active = работает
a-bot-state-paused = на паузе
a-bot-state-parked = токен отклонён
error-key-bot = Имя бота — от 1 до 32 знаков: a-z, 0-9, «_», «-».
admin-keys = 🔑 Ключи API
admin-keys-title = 🔑 <b>Ключи Balance API</b>
admin-key-new = Новый ключ
admin-key-revoke = Отозвать { $bot } · { $id }
admin-key-ask = 🔑 Для какого бота? Напишите его имя (a-z, 0-9, «_», «-»); он может жить в другом проекте.
admin-key-made =
    🔑 Ключ для <b>{ $bot }</b> ({ $id }). Он показан один раз: сохраните его и удалите это сообщение.

    <tg-spoiler>{ $key }</tg-spoiler>
