menu-web = 🛍 Open the shop
menu-web-short = Shop

error-web-request = The page sent something unclear. Reload it and try again.
error-web-forged = Telegram does not confirm that it was you who opened this page. Open the shop from the chat with the bot.
error-web-stale = The page was opened too long ago. Close it and open it again from the chat with the bot.
error-web-used = This entry was used already. Close the page and open the shop again from the chat with the bot.
error-web-over = The session is over. Close the page and open the shop again from the chat with the bot. Your money and orders are safe.
error-web-banned =
    The shop is closed to you. { $reason }
error-web-paused = The bot is paused. Your balance is safe and works in our other bots.
error-web-closed = This bot is closed. Your balance is safe and works in our other bots.
error-web-news = To buy, subscribe to our news channel: the chat with the bot has the button.
error-web-unknown = There is no such thing here. The link may be old.
error-web-often = Too often. Wait a few seconds.
error-web-failed = Something broke on our side and we know. If you have paid, the money is not lost: look at the history.
error-web-away = The shop is away for a moment. Nothing is lost, try again in a minute.
error-web-price = The price changed while the page was open. Here is the new one; nothing was charged.
error-web-invoice-over = This invoice is paid or out of date. Choose the pack again.
error-web-method = This way to pay is switched off now. Choose another one.
error-web-sum = This way takes from { $min } to { $max }.
error-web-check-wait = Checked a moment ago. Once in { $seconds } s is as often as we may ask.
