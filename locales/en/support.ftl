support-write-here =
    🛟 <b>Support</b>

    Write here what happened; a photo may help. The answer comes to this chat. If it is about a payment or an order, choose it, and we will find out sooner.
support-pass = Pass it on to support
support-about = It is about a payment or an order
support-choose = 🛟 What is it about?
support-choose-none = 🛟 There are no payments or orders yet. Just write what happened.
support-ask = 🛟 Write what happened to <code>{ $number }</code>; a photo may help. The answer comes to this chat.
support-sent =
    ✅ <b>Support has your message</b>

    { $text }

    The answer will come here. If there is more to say, just write again.
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
write-after = ⚠️ <b>{ $name }</b> wrote to this customer at { $time }: <blockquote>{ $text }</blockquote>
write-send = Send
write-again = Write it anew
write-sent =
    ✅ <b>Sent</b> to customer <code>{ $id }</code>. The answer comes here.

    { $text }
support-line-person = 💬 { $date } customer{ $about }: { $text }
support-line-admin = 🛟 { $date } support{ $about }: { $text }
error-support-too-many = You can send { $most } messages an hour. We are reading yours: the answer will come here.
error-support-message = Write up to { $most } characters, or send a photo or a file.
support-ask-there = 🛟 Write to support about <code>{ $number }</code>: tap the number to copy it.
support-read =
    👀 <b>Support has read your message</b>

    { $text }

    The answer will come here. If there is more to say, just write again.
support-file-of = 📎 File of { $time }
order-ask = 🛟 Ask about it
error-support-file = Files of more than { $most } MB do not reach support. Send a photo or a smaller file.
admin-section-questions = 💬 Questions
admin-waiting-questions =
    { $count ->
        [one] { $count } customer waits for an answer
       *[other] { $count } customers wait for an answer
    }
admin-waiting-since = since { $time }
questions-title =
    💬 <b>Questions</b>

    The oldest first. A button opens what the question is about.
questions-empty = 💬 Nobody waits for an answer.
question-end = No answer needed
question-end-ask = The question leaves the list, and the customer gets no answer. What they wrote stays in the story.
question-end-yes = Close it
question-ended = The question is closed.
question-more = While the page was open, there came: “{ $text }”. That message waits for an answer.
question-answer-done = The message is on its way.
error-support-answered = Not sent: { $name } has answered: “{ $text }”. Reload the page and send yours from there if it is still needed.
topic-act-written = ✅ <b>{ $who }</b> wrote to customer <code>{ $number }</code>:
topic-act-person = ✅ <b>{ $who }</b> { $action }. Customer <code>{ $number }</code>
topic-act-payment = ✅ <b>{ $who }</b> { $action }. Payment <code>{ $number }</code>
topic-act-order = ✅ <b>{ $who }</b> { $action }. Order <code>{ $number }</code>
topic-act-words = <blockquote>{ $words }</blockquote>
group-answer-sent = ✅ Sent to the customer.
group-answer-edited = The customer already has the first version, and the change does not go out. To correct it, reply once more.
group-answer-ask = Send this to the customer?
group-answer-again =
    Not sent yet: <b>{ $name }</b> answered this customer at { $time }.

    <blockquote>{ $text }</blockquote>

    Send your message as well?
group-answer-send = Send to the customer
question-read = 👁 Mark as read
question-read-told = The customer sees that it was read.
group-read = 👁 Read by { $name }
group-read-before = 👁 Already read
group-taken = 🛠 Taken by { $name }
group-asked = Now tap the button with your name.
error-group-asked = Another administrator was asked. Begin with the first button yourself.
duration-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
  }
settings-group-support = 🛟 Support
setting-support-days = Days that letters to support are kept
setting-support-days-hint = What customers and support wrote to each other is deleted after so many days, with its photos and files.
job-support-read = “Read” for a customer
job-upkeep-forget-messages = Deletion of old letters to support
audit-question-closed = closed a question without an answer
panel-column-age = Waits for
panel-column-words = Words
question-words = Your message
