referral-paid-notice = 🤝 <b>{ $sum } за друга</b> зачислено на ваш баланс.
