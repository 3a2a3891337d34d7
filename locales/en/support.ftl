support-write-here =
    🛟 <b>Support</b>

    Write here what happened; a photo may help. The answer comes to this chat. If it is about a payment or an order, choose it, and we will find out sooner.
support-about = It is about a payment or an order
support-choose = 🛟 What is it about?
support-choose-none = 🛟 There are no payments or orders yet. Just write what happened.
support-ask = 🛟 Write what happened to <code>{ $number }</code>; a photo may help. The answer comes to this chat.
support-sent =
    ✅ <b>Support has your message</b>

    { $text }

    The answer comes here. If there is more to say, just write again.
support-answer = Answer
support-reply-ask = Send your answer as a message; a photo may help.
support-from =
    💬 <b>{ $name }</b> · <code>{ $id }</code>

    { $text }
support-from-about-payment =
    💬 <b>{ $name }</b> · <code>{ $id }</code>
    About payment <code>{ $number }</code>

    { $text }
support-from-about-order =
    💬 <b>{ $name }</b> · <code>{ $id }</code>
    About order <code>{ $number }</code>

    { $text }
support-file = Show the file
support-open-payment = Open the payment
support-open-order = Open the order
support-person = To the customer
written-about-payment =
    🛟 <b>A message from support</b>
    About payment <code>{ $number }</code>

    { $text }
written-about-order =
    🛟 <b>A message from support</b>
    About order <code>{ $number }</code>

    { $text }
write-preview = 👁 This is what customer <code>{ $id }</code> will see:
write-send = Send
write-again = Write it anew
write-sent =
    ✅ <b>Sent</b> to customer <code>{ $id }</code>. The answer comes here.

    { $text }
support-line-person = 💬 { $date } customer{ $about }: { $text }
support-line-admin = 🛟 { $date } support{ $about }: { $text }
error-support-too-many = { $most } messages an hour are the most. We are reading yours: the answer comes here.
error-support-message = Write up to { $most } characters, or send a photo or a file.
