import { ELSEWHERE } from '#shared/config/known-secrets.ts'
import { PAYMENT_VARIABLES } from './payments/providers/registry.ts'
import { PICTURE_VARIABLES } from './pictures/providers/registry.ts'

const secretOf = (names: readonly string[]) => names.filter((name) => /KEY|SECRET|TOKEN/.test(name))

/**
 * Which roles use which secrets of the settings. Every other process is started without them, and drops those that
 * it is given.
 */
export const ROLE_SECRETS = {
  /**
   * The doors check signatures; billing makes invoices, look-ups and refunds; the bot offers the providers; upkeep
   * lists them.
   */
  payments: { names: secretOf(PAYMENT_VARIABLES), roles: ['gateway', 'billing'], known: true },
  /** The bot shows how many credits are left. */
  pictures: { names: secretOf(PICTURE_VARIABLES), roles: ['gateway', 'bot', 'images'], known: true },
  /** The chat and the Mini App look up recipients and prices. */
  reseller: {
    names: ['FRAGMENT_API_KEY', 'FRAGMENT_PHONE_NUMBER', 'FRAGMENT_MNEMONICS', 'FRAGMENT_JWT_TOKEN'],
    roles: ['gateway', 'bot', 'fragment'],
    known: false,
  },
  door: {
    names: ['OPS_USER', 'OPS_PASSWORD', 'WEBHOOK_SECRET', 'WEBHOOK_OTHER_SECRET'],
    roles: ['gateway'],
    known: false,
  },
} as const satisfies Record<string, { names: readonly string[]; roles: readonly string[]; known: boolean }>

/**
 * The settings without the secrets of other roles: such a secret is removed, or a mark says only that it exists.
 * @returns also the problems: a role that uses a key must have the key itself, because anybody could sign with the
 * mark
 */
export function withoutOthersSecrets(
  environment: Readonly<Record<string, string | undefined>>,
  roles: readonly string[],
): { environment: Record<string, string | undefined>; problems: string[] } {
  const own = { ...environment }
  const problems: string[] = []
  for (const { names, roles: holders, known } of Object.values(ROLE_SECRETS)) {
    const isTheirs = roles.some((role) => (holders as readonly string[]).includes(role))
    for (const name of names) {
      if (isTheirs) {
        if (own[name]?.trim() === ELSEWHERE)
          problems.push(
            `${name} is the word "${ELSEWHERE}", and ${roles.join(', ')} works with it: give the key itself`,
          )
        continue
      }
      const isSet = [name, `${name}_FILE`].some((one) => own[one]?.trim())
      delete own[`${name}_FILE`]
      if (isSet && known) own[name] = ELSEWHERE
      else delete own[name]
    }
  }
  return { environment: own, problems }
}
