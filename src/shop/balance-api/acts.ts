/**
 * Whose things a call of the Balance API is about. A key belongs to one bot, and a wallet to every bot:
 *
 * - `own`: rows of the key's bot alone, or of the bots of its owner; another owner's key sees and changes others;
 * - `read`: shows of a person what all bots share;
 * - `change`: changes of a person what all bots share, within what the key may (docs/security.md).
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
