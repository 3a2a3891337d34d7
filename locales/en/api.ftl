outage-command =
    🛠 <b>The database is away right now</b>

    Purchases and charges wait: we take nothing until it is back. What you have already paid will be credited.
outage-kept = 🛠 The database is away right now. We have your message and will answer it as soon as the database is back.
outage-press = The database is away. Nothing was charged; press again in a few minutes.
outage-order =
    🛠 The database is away. Your order waits and goes on by itself; if the price changes, we will ask. Nothing has been charged yet.
outage-balance = Last known balance: { $balance } ({ $time }).
outage-balance-unknown = We will show your balance as soon as the database is back.
outage-alert =
    🛠 <b>PostgreSQL does not answer</b>

    The bots answer with the last known balance, confirmed orders, payments and messages wait in the queue. Nothing is lost.
outage-over-alert = ✅ PostgreSQL answers again. The queue works itself off.
bot-paused = ⏸ This bot is paused. Your balance is safe and works in our other bots.
admin-bots = 🤖 Bots
admin-bots-title = 🤖 <b>Bots that share one balance</b>
admin-bots-line = <b>{ $name }</b> · { $username } · { $state } · customers: { $people }
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
bot-closed = 🚪 This bot is closed. Your balance is safe and works in our other bots.
checkout-closed = This bot takes no payments right now. Nothing was charged; your balance works in our other bots.
admin-bot-open = ⚙ { $name }
admin-bot-add = Add a bot
admin-bot-add-ask = 🤖 Send the token of the new bot as @BotFather gave it. We delete the message at once and keep the token encrypted.
admin-bot-token-ask = 🤖 Send the new token of <b>{ $name }</b>. We delete the message at once.
admin-bot-added = Added here, token …<code>{ $end }</code>
admin-bot-configured = Set up in the deployment's settings: it can only be removed there.
admin-bot-elsewhere = Works in another deployment, or through the API only.
admin-bot-parked = Telegram refuses its token. Get a new one from @BotFather and send it here; messages that wait go out then.
admin-bot-inline = Inline mode is on: type @{ $username } in any chat and send an item or an invitation.
admin-bot-no-inline = Inline mode is off, so nobody can send items or invitations into other chats yet. Turn it on at @BotFather: /setinline, the bot @{ $username }, and any hint.
admin-bot-make-ask = 👇 Or let Telegram make the bot: nobody needs to see a token.
admin-bot-make = 🤖 Create a bot
admin-bot-made = The bot is ready.
admin-bot-token = New token
admin-bot-renew = 🔑 Change the token
admin-bot-renew-ask =
    🔑 <b>Change the token of the bot { $name } (@{ $username })?</b>

    Before: the present token works for everybody who knows it
    After: it works for nobody, and the shop has the new one at once
admin-bot-renew-yes = Yes, change the token
admin-bot-renewed = The token is changed
admin-bot-check = Check again
admin-bot-refused = Telegram still refuses this token.
admin-bot-remove = Remove the bot
admin-bot-remove-ask =
    🗑 Remove the bot <b>{ $name }</b> (@{ $username })?

    Customers in it: { $people }. Their balances, orders and history stay. It stops answering at once; a few minutes later, when the last payments and messages are through, we forget its token, and Stars paid in it can't be refunded any more. If you add it again, its customers are there.
admin-bot-remove-yes = Yes, remove { $name }
admin-bot-removed = The bot { $name } is removed.
alert-bot-parked = 🔴 <b>The bot { $bot } is parked</b>: Telegram refused its token. The others go on. Open “Bots” and send a new token.
error-bot-exists = This bot is here already: { $name }.
error-bot-other = This is the token of another bot: @{ $name }.
error-bot-not-yours = The bot { $name } has other owners: only they may change it.
error-bot-gone = There is no bot { $name } here: it was removed, or it comes from the deployment's settings.
error-bot-no-token = This doesn't look like a token. It looks like 123456789:AAE…; send it as one message.
error-bot-token = Telegram doesn't know this token. Copy it from @BotFather again.
error-bot-not-managed = Telegram does not let this bot manage that one: it was not made here. Its token is changed in @BotFather.
error-bot-telegram = Telegram did not answer. Send the token again in a minute.
admin-bot-pause-ask =
    ⏸ <b>Pause the bot { $name }</b> (@{ $username })?

    Customers in it: { $people }. To everybody but admins it will say that it is paused. Payments and orders under way are finished.
admin-bot-pause-yes = Yes, pause { $name }
admin-key-new-bot =
    🔑 There is no bot <b>{ $bot }</b> here. Make a key for a new project of that name?

    There are: { $bots }. If the name is mistyped, go back and type it again.
admin-key-new-yes = Yes, a new project { $bot }
admin-key-revoke-ask =
    🔑 <b>Revoke the key</b> <code>{ $id }</code>?

    The project { $bot } loses access to balances at once. The key cannot be brought back, only replaced by a new one.
admin-key-revoke-yes = Yes, revoke the key of { $bot }
key-scope-read = read
key-scope-write = write
key-scope-sessions = sessions
key-scope-codes = codes
