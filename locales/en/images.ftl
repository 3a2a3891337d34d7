menu-image = Picture
menu-images = My pictures
command-generate = Draw a picture
command-images = Your pictures

image-models =
    🎨 <b>New picture</b>

    Choose a model, or type right away what to draw. The price is for one picture; tokens are taken only when the picture arrives.
image-models-none = No pictures are drawn at the moment: the models are switched off. Please check back later.
image-draft = 🎨 <b>New picture</b>
image-draft-ask = Describe in a message what to draw.
image-draft-ask-photo = You can send a photo with a caption: the model will start from it.
image-draft-photos = Your photos: { $count }
image-draft-limit = The description is too long: { $length } characters, this model takes up to { $most }.
image-go = Draw · { $price }
image-other-model = Another model
image-no-photo = Without photo
image-vary-ask = Send what the new version should be like. The old text is above.
image-accepting = ⏳ <b>Taking your order…</b>

image-queued = ⏳ <b>In the queue</b>
image-queue-place = Place in the queue: { $place } · ready in about { $seconds } s
image-handed = ⏳ <b>The model has your order</b>
image-drawing = 🎨 <b>Drawing</b>
image-elapsed = { $elapsed } s, usually { $usual } s
image-uploading = 📤 <b>Done, sending it to you</b>
image-cancelled = <b>Order cancelled</b>
image-free = free
image-again = Again · { $price }
image-again-free = Again
image-vary = Change
image-as-file = As file
image-cancel = Cancel
image-tokens-back = Your tokens are back.
image-late = 🎁 The picture came after all. Its tokens are back already, so it is on us.
image-file-gone = This picture is no longer stored. Draw it again: /images
image-sending-file = Sending the file
image-sending = Sending the picture
image-already = This picture is ordered already
image-too-late = It is being drawn and cannot be cancelled
image-price-changed = The price has changed. Please check it on the button.
image-short =
    The picture costs { $price }. You are { $lacking } short.

    Pay just the difference in any way, and we start drawing at once.
image-pay-stars = Pay { $sum }
image-pay-roubles = By card or crypto · { $sum }
image-change = Change the picture
image-pay-rest = Pay the rest
image-ready-notice = 🎨 Your picture is ready: { $shows }
image-ready-plain = 🎨 Your picture is ready
image-waiting = picture “{ $shows }”
image-still-short = This is not enough for the picture yet. It waits for a day.
image-not-drawn = This picture cannot be drawn any more. The money stays on your balance.
image-to-draft = To the picture

image-reason-refused = The model refused to draw from this text. Try to describe it in another way.
image-reason-invalid = The model did not take the text or the photo. Try to describe it in another way.
image-reason-failed = The model failed to draw the picture. You can try again.
image-reason-no-credits = This model is not available now. We know about it.
image-reason-unavailable = This model is not available now. We know about it.
image-reason-timeout = The model did not finish in time. If the picture comes later, it will be free.
image-reason-lost = We lost the connection to the model, and no picture arrived.
image-reason-queue = The queue was too long, and we did not get to your picture.
image-reason-broken = The model sent a file that cannot be shown.
image-reason-undeliverable = Telegram did not take the picture.
image-reason-photo-heic = We cannot open HEIC. Send it as a photo and not as a file: Telegram then makes a JPEG of it.
image-reason-photo-pixels = The photo is too large: it has more than 80 megapixels. Send it as a photo and not as a file.
image-reason-photo-broken = The photo could not be opened. Send it again as a photo, or as a JPEG, PNG or WebP file.

error-image-file-heic = We cannot open HEIC files. Send this picture as a photo and not as a file: Telegram then makes a JPEG of it.
error-image-file-size = The file is over 20 MB, and Telegram hands no such file to bots. Send it as a photo and not as a file.
error-image-file-type = We do not open files of this kind. JPEG, PNG and WebP will do, or send the picture as a photo.
error-image-gone = This order is gone. Start again: /generate
error-image-no-prompt = First tell us what to draw.
error-image-refused-word = The description contains forbidden words. Change it and try again.
error-image-too-many = { $most ->
    [one] One picture of yours is being drawn already. Please wait for it.
   *[other] { $most } of your pictures are being drawn already. Please wait for one of them.
}
error-image-day-is-over = That is all for today: { $most ->
    [one] { $most } picture
   *[other] { $most } pictures
} a day. More after 03:00 MSK.
error-image-too-long = The text is too long: it has { $length } characters, and the model reads up to { $most }.

images-title = 🖼 <b>Your pictures</b>
images-empty = No pictures yet. Draw the first one with /generate
images-line = { $number }. { $prompt } — { $model }, { $price }
images-older = Older ›
images-new = New picture

image-alert-no-credits = ⚠️ An image model is out of credits, orders go back to the customers: { $detail }
image-alert-unavailable = ⚠️ An image model takes no orders, check the key and the model: { $detail }
image-alert-credits = ⚠️ { $provider } has { $credits } credits left, the threshold is { $least }

image-admin =
    🎨 <b>Pictures</b>

    { $state }
    Queued: { $queued }, drawing: { $running }, sending: { $ready }
    In 24 hours: { $done } done, { $failed } failed
image-admin-section = 🎨 Pictures
image-admin-waiting = Pictures came back because of the key or credits: { $count }
image-admin-running = Running
image-admin-paused = ⏸ Paused: new pictures wait
image-admin-credits = { $provider }: { $credits } credits
image-admin-credits-unknown = { $provider }: credits cannot be read
image-failure-refused = the model refused
image-failure-invalid = the model did not take the text or the photo
image-failure-failed = the model failed
image-failure-no-credits = out of credits
image-failure-unavailable = the model is unavailable
image-failure-timeout = the model was too slow
image-failure-lost = the connection to the model was lost
image-failure-queue = the queue was too long
image-failure-broken = the file could not be used
image-failure-undeliverable = Telegram did not take the picture
image-failure-photo-heic = a photo in HEIC
image-failure-photo-pixels = a photo that is too large
image-failure-photo-broken = a photo that could not be opened
image-admin-failure = • { $reason } — { $count }
image-admin-pause = Pause
image-admin-resume = Resume
image-admin-models = Models and prices
image-admin-words = Refused words
image-admin-refused = Refusals
image-admin-limits = Limits
image-admin-model =
    <b>{ $title }</b> ({ $provider })

    Price: { $price }
    Usually takes { $seconds } s
    { $state }
image-admin-model-on = On sale
image-admin-model-off = Hidden
image-admin-hide = Hide
image-admin-offer = Sell
image-admin-price = Another price
image-admin-price-ask = Send the new price in tokens, a whole number. 0 is free.
image-admin-words-list =
    🚫 <b>Refused words</b>

    { $words }

    Send words or phrases, one a line: new ones are added, known ones are removed.
image-admin-words-none = The list is empty.
image-admin-refused-title = 🚫 <b>Last refusals</b>
image-admin-refused-none = There were no refusals.
image-admin-refused-line = { $date } · <code>{ $person }</code> · { $by }: { $prompt }
image-admin-by-words = words
image-admin-by-provider = model
image-admin-limits-ask =
    <b>Limits</b>

    At once for one customer: { $atOnce }
    More may wait: { $waiting }
    A day: { $perDay }
    Of these free: { $freePerDay }

    Send four numbers with spaces in this order.
error-image-cheap = A picture costs { $least } for all bots, and one bot may not sell it for less: all are paid for from one account. Set at least that, or change the price for all bots.
error-image-admin-number = That is not one of the whole numbers allowed. Please send it again.
error-image-admin-words = Type the words as text, each on a line of its own.
error-image-admin-limits = Four whole numbers with spaces are needed, for example: 2 10 100 0
image-plan-back = Your plan returns { $sum } at once.
image-admin-pause-ask =
    ⏸ <b>Pause the pictures?</b>

    Before: drawn in every bot
    After: new pictures wait until you press “Resume”
image-admin-pause-yes = Yes, pause them
image-admin-price-of = Price of a picture · { $title }
provider-name-demo = Demo generator
inline-image = Describe what you want to see, and it is drawn right in the chat.
