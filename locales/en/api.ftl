outage-command =
    🛠 <b>The database is away right now</b>

    Purchases and charges wait: we take nothing until it is back. What you have paid we credit by ourselves.
outage-kept = 🛠 The database is away right now. We have your message and answer it as soon as the database is back.
outage-press = The database is away. Nothing was charged; press again in a few minutes.
outage-balance = Last known balance: { $balance } ({ $time }).
outage-balance-unknown = We show your balance as soon as the database is back.
outage-alert =
    🛠 <b>PostgreSQL does not answer</b>

    The bots answer with the last known balance, orders are refused, payments and messages wait in the queue. Nothing is lost.
outage-over-alert = ✅ PostgreSQL answers again. The queue works itself off.
bot-paused = ⏸ This bot is paused. Your balance is safe and there in our other bots.
admin-bots = 🤖 Bots
admin-bots-title = 🤖 <b>The bots of this database</b>
admin-bots-line = <b>{ $name }</b> · { $username } · { $state } · people: { $people }
admin-bot-pause = Pause { $name }
admin-bot-resume = Resume { $name }
a-bot-state-active = works
a-bot-state-paused = paused
a-bot-state-parked = token refused
error-key-bot = A bot's name is 1 to 32 of a-z, 0-9, "_", "-".
admin-keys = 🔑 API keys
admin-keys-title = 🔑 <b>Keys of the Balance API</b>
admin-key-new = New key
admin-key-revoke = Revoke { $bot } · { $id }
admin-key-ask = 🔑 For which bot? Type its name (a-z, 0-9, "_", "-"); it may live in another project.
admin-key-made =
    🔑 The key of <b>{ $bot }</b> ({ $id }). It is shown this once: keep it and delete this message.

    <tg-spoiler>{ $key }</tg-spoiler>
