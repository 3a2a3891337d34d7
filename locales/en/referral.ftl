referral-paid-notice = 🤝 Reward for a friend: <b>{ $sum }</b>.
menu-friends = Friends
friends =
    🤝 <b>Invite your friends</b>

    { $terms }

    Invited: { $invited }, of them paying: { $paying }
    Received: { $earned }
    Waiting: { $held }

    { $link }
friends-terms = You earn { $percent }% of every payment your friend makes.
friends-terms-further = When friends of your friends pay, you earn { $second }%{ $further ->
    [none] { "" }
   *[other] , and { $further }% from the circles after them
}.
friends-terms-when = You get it { $days ->
    [one] { $days } day
   *[other] { $days } days
} later, when the payment can no longer be refunded.
friends-terms-none = Invitations earn nothing at the moment.
friends-existing = 🤝 You were with us before, so this invitation does not count.
friends-invite = Invite
friends-copy = Copy the link
friends-qr = QR code
friends-counted = 🤝 A friend invited you. They get a reward when you buy something.
friends-self = This is your own link: send it to your friends.
admin-referrals = 🤝 Invitations
admin-referrals-report =
    🤝 <b>Invitations in all bots</b>

    Invited: { $invited } by { $inviters }, of them paying: { $paying }
    Rewards paid: { $paid }
    Waiting: { $held }
    Cancelled with refunds: { $cancelled }
    Taken back: { $back }

    Rules: { $percents } of a payment, after { $days } days

    Who invites most (of them paying):
admin-referrals-person = 🤝 Invited: { $invited }, paying: { $paying } · received { $earned } · waiting { $held }
admin-referrals-percents = Per cent
admin-referrals-days = Days
inline-invite-title = Invite a friend
inline-invite-heading = 🤝 I am inviting you
inline-invite = A shop in Telegram: you choose, pay and receive right in the chat.
inline-key-shop = Open the shop
