/**
 * What each admin key changes. A key without a line here only shows something, and a test taps all of those.
 *
 * - `asks`: the first tap shows before and after, and only the confirmation below it acts.
 * - `{ below }`: the key stands only on the screens of these routes, as their confirmation.
 * - `typed`: the key stands below a text that the admin has just typed and sees once more.
 * - `light`: one tap acts, because the act moves no money, takes nothing from anybody, and a key beside it undoes
 * it.
 */
export const taps: Readonly<Record<string, 'asks' | 'typed' | 'light' | { below: readonly string[] }>> = {
  'panel-confirm': 'typed',
  'panel-close': 'light',

  'a-write-send': 'typed',
  'a-question-read': 'light',
  'a-question-end': 'asks',
  'a-unban': 'light',
  'a-sum': 'light',
  'a-why': 'light',
  'a-confirm': 'typed',
  'a-approve': { below: ['a-decide'] },
  'a-decline': { below: ['a-decide'] },
  'a-replay': 'light',
  'a-settle': 'asks',
  'a-prove': 'light',

  'a-key-yes': 'typed',
  'a-key-revoke': 'asks',
  'a-bot-pause-yes': { below: ['a-bot-pause'] },
  'a-bot-resume': 'light',
  'a-bot-remove-yes': { below: ['a-bot-remove'] },
  'a-bot-check': 'light',
  'a-alerts-group-off': 'light',
  'a-bot-renew': 'asks',
  'a-role-yes': { below: ['a-role-set'] },

  'a-set-do': 'typed',
  'a-set-undo': 'asks',
  'a-set-reset': 'asks',
  'pictures-pause': 'asks',
  'picture-hide': 'asks',
  'picture-price-yes': 'typed',
  'picture-limits-yes': 'typed',

  'x-do': 'light',
  'b-csv': 'light',

  'a-plan-save': 'typed',
  'a-plan-sale': 'asks',
  'a-badge': 'light',
  'a-badge-take': 'light',
  'a-promo-pause': 'asks',
  'a-promo-make': 'typed',

  'a-item-sale': 'asks',
  'item-take': 'light',
  'a-category-hide': 'asks',

  'fadmin-stop': 'asks',
  'fadmin-sell': 'light',
  'fadmin-check': 'light',
  'fadmin-yes': { below: ['fadmin-ask'] },
  'fadmin-save': 'typed',
  'fadmin-way-yes': { below: ['fadmin-way'] },

  'request-sure': { below: ['request-yes'] },
  'request-reject': { below: ['request-no'] },
  'request-more-ask': { below: ['request-more'] },
  'refund-do': 'typed',
  'payment-check': 'light',
  'payment-give': 'asks',
  'payment-credit-do': { below: ['payment-credit'] },
  'payment-disown': 'asks',
  'payback-address': { below: ['payback'] },
  'payback-do': { below: ['payback'] },
  'payback-to': { below: ['payback'] },
  'payback-yes': 'asks',
  'payback-no': 'asks',
  'unlisted-keep': 'asks',
  'unlisted-take-do': { below: ['unlisted-take'] },
  'provider-switch-yes': { below: ['provider-switch'] },
  'provider-limit-yes': 'typed',
  'provider-requisites-yes': 'typed',
  'provider-requisites-off': 'asks',

  // Only its author sees a draft, until the key that starts it tells how many people it goes to.
  'b-new': 'light',
  'b-rule': 'light',
  'b-bot': 'light',
  'b-not': 'light',
  'b-tag': 'light',
  'b-option': 'light',
  'b-now': 'light',
  'b-test': 'light',
  'b-preview': 'light',
  'b-edit': 'light',
  'b-pause': 'light',
  'b-resume': 'light',
  'b-start': { below: ['b-page', 'b-start'] },
  'b-cancel': 'asks',
  'b-resend': 'asks',
  'b-delete-do': { below: ['b-delete'] },
}
