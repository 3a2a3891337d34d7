error-subscription-unknown = Эта подписка больше не продаётся.
