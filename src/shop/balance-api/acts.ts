/**
 * Whose rows a call of the Balance API touches. A key belongs to one bot, but a wallet to every bot:
 *
 * - `own`: rows of the key's bot alone, or of the bots of its owner; a key of another owner sees and changes others;
 * - `read`: shows data of a person that all bots share;
 * - `change`: changes data of a person that all bots share, within what the key may (docs/security.md).
 */
export type ApiAct = 'own' | 'read' | 'change'

/** Every call; a test compares it with the routes and with what each of them does. */
export const apiActs: Readonly<Record<string, ApiAct>> = {
  getUser: 'read',
  putUser: 'change',
  getBalance: 'read',
  getEntries: 'read',
  postEntry: 'change',
  getSession: 'own',
  putSession: 'own',
  postActivity: 'change',
  getActivities: 'own',
  redeemPromocode: 'change',
  checkCode: 'own',
  redeemCode: 'own',
}
