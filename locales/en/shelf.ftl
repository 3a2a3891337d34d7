menu-shelf = 🛍 Goods
shelf-title = 🛍 <b>Goods</b>
shelf-empty = 🛍 Nothing here yet. Check back later.
shelf-category = 📁 <b>{ $name }</b>
shelf-price = Price: <b>{ $price }</b>
shelf-left = { $count } left
shelf-sold-out = Out of stock at the moment.
shelf-limit = At most { $count } per customer
shelf-until = On sale until { $until }
shelf-for-days = Access: { $count ->
        [0] for good
        [one] for { $count } day
       *[other] for { $count } days
    }
shelf-within-hours = Done within { $count ->
        [one] { $count } hour
       *[other] { $count } hours
    }, or the money comes back by itself
shelf-bought = Bought
shelf-waiting = “{ $name }”
shelf-waiting-gift = 🎁 “{ $name }”
shelf-short =
    “{ $name }” costs { $price }. You are { $lacking } short.

    Pay the difference any way you like, and the purchase goes through by itself.
shelf-short-gift =
    🎁 “{ $name }” as a gift costs { $price }. You are { $lacking } short.

    Pay the difference any way you like, and the bot sends you the link for your friend by itself.
shelf-aside = One is reserved for you until { $until }.
shelf-yours = ✅ <b>{ $name }</b> is yours. Tap the text to copy it:
shelf-file-yours = ✅ <b>{ $name }</b> is yours: { $file }. The file is below; you can get it again at any time in “My purchases”.
shelf-file-soon = ⏳ Preparing the file. Open the purchase again in half a minute.
shelf-given-back = “{ $name }”: the money for this purchase is back on your balance.
shelf-mine = 🧾 <b>My purchases</b>
shelf-mine-none = 🧾 You have not bought anything yet.
shelf-find-ask = 🔎 What are you looking for? Write its name or a part of it.
shelf-found = 🔎 Found for “{ $word }”:
shelf-found-many = 🔎 There is a lot for “{ $word }”; here are the first { $count }. Type more of the name to narrow it down.
shelf-found-nothing = 🔎 Nothing found for “{ $word }”. Try another word.
shelf-web-notice = 🛍 “{ $name }”: you bought it in the shop. The button below opens it at any time.
shelf-file-in-chat = ✅ <b>{ $name }</b> is yours. The file is sent in the chat with the bot: press “See the purchase” there.
shelf-bought-notice = ✅ The money came, and “{ $name }” is yours. Open it with the button below.
shelf-over-notice = “{ $name }” cannot be bought any more. The money is still on your balance.
shelf-dropped = “{ $name }”: the purchase is cancelled. Nothing was charged.
shelf-expired = “{ $name }”: the time to pay is over, so the purchase is cancelled. Nothing was charged.
shelf-still-short = This is not enough for “{ $name }” yet. You can pay the rest within a day.
shelf-refunded-notice = ↩️ { $sum } for “{ $name }” is back on your balance. Reason: { $reason }
shelf-replaced-notice = 🔁 “{ $name }” was replaced. Reason: { $reason }. The button below opens the new one.
shelf-ordered = Ordered
shelf-ordered-notice = ✅ The money came, and “{ $name }” is ordered. Follow it with the button below.
shelf-ask = 📝 Question { $number } of { $count }
shelf-ask-text = Answer with a message.
shelf-ask-number = Answer with a number.
shelf-ask-choice = Choose one.
shelf-ask-photo = Send a photo.
shelf-asked = 📝 Is everything right?
shelf-answer-photo = a photo
shelf-service-waits =
    ⏳ <b>{ $name }</b> is ordered, and the money for it is reserved. Somebody will start on it soon.

    It will be done by { $until }; if not, your money comes back by itself.
shelf-service-taken =
    🛠 <b>{ $name }</b>: somebody is working on it.

    It will be done by { $until }; if not, your money comes back by itself.
shelf-service-refused = ↩️ <b>{ $name }</b> could not be done, and the money is back on your balance. Reason: { $reason }
shelf-service-overdue = ↩️ <b>{ $name }</b> was not done in time, and the money is back on your balance.
shelf-served = ✅ <b>{ $name }</b> is done:
shelf-served-notice = ✅ “{ $name }” is done. The button below opens the answer.
shelf-refused-notice = ↩️ “{ $name }” could not be done, and { $sum } is back on your balance. Reason: { $reason }
shelf-overdue-notice = ↩️ “{ $name }” was not done in time. { $sum } is back on your balance; we are sorry.
shelf-gift-waits =
    🎁 <b>{ $name }</b>: the gift is ready. Send the link to a friend; whoever opens it first gets it:

    <code>{ $link }</code>

    The link works until { $until }. If nobody opens it, your money comes back by itself.
shelf-key-gift-back = Take the gift back
shelf-gift-back-ask =
    🎁 <b>{ $name }</b>: nobody has opened the gift yet.

    If you take it back, its link stops working and { $sum } returns to your balance.
error-gift-too-late = The gift was opened a moment ago and can no longer be taken back.
shelf-gift-opened = 🎁 <b>{ $name }</b>: the gift was opened.
shelf-gift-over = ↩️ <b>{ $name }</b>: the gift was not opened, and the money is back on your balance.
shelf-gift-back = “{ $name }”: the shop took this gift back, and it no longer works.
shelf-gift-ready-notice = 🎁 The money came, and your gift “{ $name }” is ready. The button below has the link for your friend.
shelf-gift-opened-notice = 🎁 Your gift “{ $name }” was opened.
shelf-gift-over-notice = ↩️ Nobody opened your gift “{ $name }”. { $sum } is back on your balance.
shelf-gift-back-notice = The shop took the gift “{ $name }” back, and it no longer works. Reason: { $reason }
shelf-access-until =
    ✅ <b>{ $name }</b>: “{ $title }” is open to you from { $from } until { $until }.

    Press “Join” and send the request: the bot lets you in by itself. The link works for you alone.
shelf-access-ever =
    ✅ <b>{ $name }</b>: “{ $title }” is open to you for good.

    Press “Join” and send the request: the bot lets you in by itself. The link works for you alone.
shelf-access-over = <b>{ $name }</b>: the time you paid for in “{ $title }” is over.
shelf-access-not-yours = 🔒 Only those who bought “{ $name }” can come in. If you did, use the same Telegram account.
shelf-access-soon-notice =
    ⏳ “{ $name }” ends in { $count ->
        [one] { $count } day
       *[other] { $count } days
    }. Extend it now and you will not have to leave: the new time begins where this one ends.
shelf-access-over-notice = ⌛ “{ $name }”: the time you paid for is over, so the bot closes your access now. You can come back at any time.
shelf-access-stuck-notice = 😔 “{ $name }”: the bot cannot let anybody in right now, and the admins know. If it is not fixed within a day, your money comes back by itself.
shelf-access-unstuck-notice = ✅ “{ $name }” works again. Press “Join” and send the request.
shelf-access-full-notice = 😔 “{ $name }”: there is no room at the moment, and Telegram lets nobody new in. The owner has been told. As soon as there is room, the bot lets you in by itself. If that does not work within a day, the money goes back.
shelf-access-too-many-notice = 😔 “{ $name }”: Telegram does not let you in, because you are in too many channels and groups. Leave one that you do not need, and the bot lets you in by itself within an hour. If that does not work within a day, the money goes back.
shelf-access-back-notice = ↩️ “{ $name }”: you could not be let in. { $sum } is back on your balance; we are sorry.
shelf-access-gift-back-notice = “{ $name }”: you could not be let in. The money went back to the friend who gave it to you.

shelf-key-again = Start over
shelf-key-order-it = All correct, order
shelf-key-take = Take it
shelf-key-deliver = Done
shelf-key-refuse = Refuse
shelf-key-photos = Show the photos
shelf-key-shelf = To the goods
shelf-key-buy = Buy · { $sum }
shelf-key-gift = 🎁 As a gift · { $sum }
shelf-key-gift-send = 🎁 Send to a friend
shelf-key-mine = 🧾 My purchases
shelf-key-find = 🔎 Find
shelf-key-see = See the purchase
shelf-key-see-item = See the item
shelf-key-enter = 🚪 Join
shelf-key-prolong = Extend
shelf-key-chat = Choose the channel or group
shelf-key-rest = Pay the rest
shelf-key-back = ‹ Back
shelf-key-on = More ›
shelf-key-new = New item
shelf-key-categories = 📁 Categories
shelf-key-category-new = New category
shelf-key-in-menu = Show in the menu
shelf-key-edit = Change
shelf-key-retire = Take off sale
shelf-key-resell = Put back on sale
shelf-key-fill = Add keys
shelf-key-file = Add the file
shelf-key-text = What the customer gets
shelf-key-give-back = Give the money back
shelf-key-replace = Replace
shelf-key-order = Open the order
shelf-key-stock = Open the item

shelf-kind-stock = keys, one for each customer
shelf-kind-text = a text, the same for everybody
shelf-kind-code = a code for each customer, made up by the bot
shelf-kind-file = a file, the same for everybody
shelf-kind-service = a service, done by an admin
shelf-kind-access = a place in a private channel or group

error-item-gone = This is not sold any more. Nothing was charged.
error-item-changed = The price has changed. Here is the new one; nothing was charged.
error-item-sold-out = Sold out. Nothing was charged.
error-item-chat-full = There is no room in there at the moment, so you could not come in. Nothing was charged; look in again later.
error-item-limit = At most { $most } per customer. Nothing was charged.
error-item-no-money = There is not enough { $asset } on your balance. Add some and press again.
error-gift-unknown = There is no such gift. Check that you have the whole link.
error-gift-opened = Somebody else has opened this gift already.
error-gift-over = The time of this gift is over: the money went back to whoever bought it.
error-gift-limit = You already have { $most }, the most for one customer. The gift is untouched: somebody else can open the link.
error-gift-chat-full = The gift cannot be opened at the moment: the channel or group has no room. The link stays good, try again later.
error-gift-empty = The gift cannot be handed out right now: the shop has run out of it. The link still works, try again later.
error-item-line = I do not understand the line “{ $line }”. Write it like this: price: 500 RUB
error-item-range = { $what }: from { $min } to { $max }.
error-item-invalid = Missing or out of range: { $what }
error-item-asset = There is no such currency. There are: { $assets }
error-item-bot = There is no bot { $bot }.
error-item-all-bots = An item for all bots is made by somebody who runs all of them. Add the line bots: { $bot }
error-item-no-lines = Send keys as text or as a .txt file, one in a line.
error-item-text = Send a text of at most { $most } characters.
error-item-code-used = This code has been used: it can be neither given back nor replaced. You can credit the customer on their page.
error-item-file-none = Send a file, a photo or a video.
error-item-file-empty = This file is empty: it has 0 bytes.
error-item-file-big = The file is larger than { $most } MB, and the bot could not send it. Compress it, or sell a link.
error-item-file-elsewhere = The file is kept by a bot that is not working at the moment. Try later: the purchase is safe.
error-item-reason = Write the reason in words: the customer sees it.
error-code-unknown = There is no such code.
error-code-used = This code has already been used.
error-code-withdrawn = This code was withdrawn: it was refunded or replaced.
error-code-conflict = Another code was used under this reference.
error-item-ask = This field cannot be read. Write: type | по-русски | in English, the type being text, number, choice or photo; a choice has 2 to 12 options, with commas, as its fourth part.
error-item-not-of-kind = An item of this kind has no field { $field }.
error-item-asks-changed = The questions for this service have changed. Open it again and answer them anew; nothing was charged.
error-item-have = You already have access here for good. Nothing was charged.
error-item-access-over = The time of this access is over: there is nothing to take back. You can credit the customer on their page.
error-access-chat = I do not understand which channel or group it is. Forward a post of the channel, or send a link to any message in it: https://t.me/c/1234567890/15. Make an ordinary group a supergroup first: switch on its history for new members.
error-access-not-there = The bot @{ $bot } is no admin there. Make it one, and send it again.
error-access-rights = The bot @{ $bot } lacks rights. Let it invite by link and ban members, and send it again.
error-access-public = This channel or group is public, so anybody can join it anyway. Make it private, and send it again.
error-access-not-yours = Only an admin of a chat may sell places in it. Ask its owner to make you one.
error-answer-photo = Send it as a photo, not as a file.
error-answer-choice = Tap one of the options.
error-answer-number = A number is needed, such as 25 or 12.5.
error-answer-text = Answer in words, at most { $most } characters.
error-category-gone = There is no such category any more.
error-category-circle = The category would end up inside itself, or too deep. Choose another place for it.
error-file-too-big = The file is larger than { $most } MB, and Telegram gives bots no such files. Split it.

alert-shelf-low = 📉 <b>{ $name }</b>: { $count } left. Add keys.
alert-shelf-service = 🆕 Somebody ordered <b>{ $name }</b>.
alert-shelf-service-late = ⏰ <b>{ $name }</b> is due soon and not done yet. After that the money goes back to the customer by itself.
alert-shelf-empty = 🚫 <b>{ $name }</b> is sold out. Add keys.
alert-shelf-chat-full = 🈵 <b>{ $name }</b>: “{ $title }” has no room left, and Telegram does not let in those who have paid. Make room: remove members who are not needed, or make a small group a supergroup. The bot then lets in by itself those who wait; whoever is not inside after a day gets the money back. Until then no place is sold to newcomers; members can stay longer.
alert-shelf-chat-lost = 🚫 <b>{ $name }</b>: the bot can no longer let anybody into “{ $title }”. Give it back its admin rights: to invite by link and to ban members. After a day, those who could not get in have their money back; until then it is not sold.

settings-group-shelf = 🛍 Own goods
setting-shelf-in-menu = Show goods in the menu
setting-shelf-in-menu-hint = Switch it on once there is something to sell: the bot’s menu gets the button “Goods”.
setting-gift-days = Days to open a gift
setting-gift-days-hint = If nobody opens the link of a gift by then, the money goes back to the customer by itself. Gifts that were bought already keep the time that was promised.

admin-shelf = 🛍 Own goods
admin-shelf-title = 🛍 <b>Own goods</b>
admin-shelf-not-in-menu = ⚠️ The menu of { $bot } has no button “Goods” yet: switch it on when everything is ready.
admin-item-sold = on sale
admin-item-retired = off sale; whoever has bought it keeps it
admin-item-everywhere = all
admin-item =
    🛍 <b>{ $ru }</b> / <b>{ $en }</b> · No. { $number }
    { $state } · { $kind }

    Price: { $price }
    Bots: { $bots }
    Category: { $category }
    Per customer: { $limit }
    On sale from: { $from }, until: { $until }
admin-item-stock =
    Free: <b>{ $free }</b>, set aside: { $reserved }, sold: { $sold }, withdrawn: { $withdrawn }
    You are told when { $low } are left
admin-item-stock-low =
    ⚠️ Running low: add keys.
    Free: <b>{ $free }</b>, set aside: { $reserved }, sold: { $sold }, withdrawn: { $withdrawn }
admin-item-stock-empty =
    ⚠️ No keys are left, so nobody can buy it. Add some.
    Set aside: { $reserved }, sold: { $sold }, withdrawn: { $withdrawn }
admin-item-filled = The text for the customer is saved.
admin-item-empty = ⚠️ There is no text for the customer yet, so nobody can buy it.
admin-item-codes = Codes with customers: <b>{ $made }</b>, used: { $used }, withdrawn: { $withdrawn }
admin-item-service =
    Time: { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    }, questions to the customer: { $count }
admin-item-fields-service =
    A service (<code>kind: service</code>) has these, too:
    <code>hours: 24</code> — how long it takes at most; after that the money goes back by itself
    <code>ask-1: text | Ник в игре | Name in the game</code>
    <code>ask-2: choice | Сервер | Server | EU, US</code> — there are number and photo as well; up to eight questions
admin-services = 🛠 Services
admin-services-title = 🛠 <b>Services</b>, the most urgent first. Nobody has taken those with 🆕 yet.
admin-services-none = 🛠 All services are done.
admin-waiting-services =
    🛠 To be done: { $count ->
        [one] { $count } service
       *[other] { $count } services
    }
admin-service-due = ⏰ To be done by { $until }
admin-service-taken = 🛠 Taken, and the customer sees it.
admin-service-delivered = ✅ Done: the money is yours, and the customer has the answer.
admin-service-refused = ↩️ Refused: the customer has the money back.
admin-service-other-bot = The photo was sent to the bot { $bot }: open the order there.
admin-item-deliver-ask = ✅ Write what the customer gets: a link, a password, or just “done”.
admin-item-refuse-ask = ↩️ Why can it not be done? The customer sees the reason and gets the money back at once.
admin-item-file = File: { $name }, sent to the bot { $bot }.
admin-item-no-file = ⚠️ There is no file yet, so nobody can buy it.
admin-item-file-ask = 📎 Send a file, a photo or a video of at most 50 MB. Up to 20 MB it is for the customers of all bots, beyond that for those of this bot alone. Your message is deleted from the chat at once; whoever has bought it gets the new file, too.
admin-item-no-chat = ⚠️ No channel or group is chosen yet, so nobody can buy it.
admin-item-chat =
    Where to: “{ $title }”, let in by the bot { $bot }. Time: { $days ->
        [0] for ever
        [one] { $days } day
       *[other] { $days } days
    }
    Paid for: <b>{ $running }</b>, of these inside: { $inside }
admin-item-chat-full =
    🈵 “{ $title }” has no room: no place is sold to newcomers. Make room, and the bot { $bot } lets in by itself those who wait.
    Paid for: <b>{ $running }</b>, of these inside: { $inside }
admin-item-chat-lost =
    ⚠️ The bot { $bot } has lost its rights in “{ $title }”: nothing is sold. Give them back, and all goes on by itself.
    Paid for: <b>{ $running }</b>, of these inside: { $inside }
admin-item-chat-ask =
    🚪 Make @{ $bot } an admin of the private channel or group, with the rights to invite by link and to ban members. Then forward a post of the channel, or send a link to any message in it.

    Customers send a request to join, and the bot lets in only those who have paid.
admin-item-fields-access =
    Access (<code>kind: access</code>) has this, too:
    <code>days: 30</code> — for how many days; no — for ever
admin-item-ask-new = 🛍 Describe the item in one message, a line for each field. kind, ru, en and price are needed.
admin-item-ask = 🛍 Write what changes in item No. { $number }; the rest stays.
admin-item-fields =
    <code>kind: stock</code> — keys, one for each customer; <code>kind: text</code> — a text, the same for everybody; <code>kind: code</code> — a code for each, made up by the bot; <code>kind: file</code> — a file, the same for everybody; <code>kind: service</code> — you do it; <code>kind: access</code> — a place in a private channel or group
    <code>ru: Ключ Steam</code>
    <code>en: Steam key</code>
    <code>ru-text: Описание</code>
    <code>en-text: A description, of several lines if you like</code>
    <code>price: 500 RUB</code> — or TOK, USDT, TON…
    <code>price-vip: 400</code> — another price in the bot vip
    <code>bots: main, vip</code> — or all
    <code>category: 3</code> · <code>limit: 2</code> · <code>low: 5</code>
    <code>from: 2027-01-31</code> · <code>until: 2027-02-28 18:00</code> — Moscow time
    <code>picture: https://…</code>

    To take a field away write <code>no</code>.
admin-item-stock-ask =
    🔑 Send keys as text or as a .txt file (UTF-8, up to 20 MB), one in a line.

    The message is deleted from the chat at once, and the keys are kept encrypted. Duplicates and bad lines are named by their numbers, the rest is added.
admin-item-text-ask = ✏️ Send the text that every customer gets. The message is deleted from the chat at once; whoever has bought it sees the new text, too.
admin-stock-added =
    ✅ { $count ->
        [one] { $count } key added
       *[other] { $count } keys added
    }
admin-stock-doubles = Duplicates ({ $count }), lines: { $lines }
admin-stock-bad = Bad ({ $count }): longer than 1000 characters or not UTF-8, lines: { $lines }
admin-item-back-ask = ↩️ Why is it refunded? The customer sees the reason. A key that was sold is never sold again.
admin-item-replace-ask = 🔁 Why is it replaced? The customer sees the reason. Nobody gets the old key or code again.
admin-item-back-done = ↩️ The customer was refunded.
admin-item-replace-done = 🔁 It is replaced, and the customer knows.
admin-categories = 📁 <b>Categories</b>, shared by all bots. Customers see those with something in them.
admin-category =
    📁 <b>{ $ru }</b> / <b>{ $en }</b> · No. { $number }
    Inside category: { $under }
admin-category-ask =
    📁 Write the names; under is the number of the category it stands in, or no.

    <code>ru: Игры</code>
    <code>en: Games</code>
    <code>under: no</code>
admin-item-retire-ask =
    🚫 <b>Take “{ $item }” off sale?</b>

    Before: on sale ({ $bots })
    After: nobody can buy it; what was bought stays with its customers
admin-category-hide-ask =
    🚫 <b>Take the category “{ $category }” off sale?</b>

    Before: seen in every bot that sells something in it
    After: seen nowhere; only a search finds what is in it
shelf-retire-yes = Yes, take it off sale
