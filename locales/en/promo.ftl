error-promo-unknown = There is no such promo code. Check how it is spelt.
error-promo-expired = This promo code has expired.
error-promo-early = This promo code is not valid yet.
error-promo-other-bot = This promo code is for another bot of ours.
error-promo-used = You have used this promo code already.
error-promo-used-up = This promo code has no uses left.
error-promo-first-only = This promo code is for the first purchase only.
error-promo-conflict = This request already belongs to another use of a promo code.
