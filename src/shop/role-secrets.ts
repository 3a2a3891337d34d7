import { ELSEWHERE } from '#shared/config/known-secrets.ts'
import { PAYMENT_VARIABLES } from './payments/providers/registry.ts'
import { PICTURE_VARIABLES } from './pictures/providers/registry.ts'

const secretOf = (names: readonly string[]) => names.filter((name) => /KEY|SECRET|TOKEN/.test(name))

/** Who uses which keys of the settings; every other process is started without them, and forgets those it is given. */
export const ROLE_SECRETS = {
  /** Signatures at the doors, invoices, look-ups and refunds; the bot offers providers, and upkeep lists them. */
  payments: { names: secretOf(PAYMENT_VARIABLES), roles: ['gateway', 'billing'], known: true },
  /** The bot shows what is left of the credits. */
  pictures: { names: secretOf(PICTURE_VARIABLES), roles: ['gateway', 'bot', 'images'], known: true },
  /** Chat and Mini App look up who gets it and at what price. */
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
 * The settings as a process of these roles may know them: what is not theirs is gone, or only known to be there.
 * @returns also what is wrong: a role that works with a key cannot do with the word for it, which anybody could sign with
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
