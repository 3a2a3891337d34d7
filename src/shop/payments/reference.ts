import { personIdIn } from '#shared/ids.ts'

/**
 * Our name of a payment at a provider: alpha_dash, at most 100 characters, never used twice. It carries the person,
 * so that money which comes after a restore from an older backup still finds its owner.
 */
export function paymentReference(payment: { id: string; personId: bigint }): string {
  return `tk-${payment.id}-${payment.personId}`
}

/** @returns undefined for references that are not ours: another shop on the same account, a payment made by hand */
export function readReference(reference: string | undefined): { id: string; personId: bigint } | undefined {
  const [, id, person = ''] = /^tk-([0-9a-z]{16})-(\d+)$/.exec(reference ?? '') ?? []
  const personId = personIdIn(person)
  return id && personId ? { id, personId } : undefined
}
