error-subscription-unknown = This subscription is no longer sold.
