referral-paid-notice = 🤝 <b>{ $sum } for a friend</b> added to your balance.
