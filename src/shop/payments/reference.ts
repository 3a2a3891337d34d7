import { personIdIn } from '#shared/ids.ts'

/**
 * Our name of a payment at a provider: alpha_dash, at most 100 characters, never used twice. It carries the shop, because
 * another one may have the same account at the provider, and the person, so that money which comes after a restore from
 * an older backup still finds its owner. References that release 0.1 made carry no shop.
 */
export function paymentReference(payment: {
  id: string
  personId: bigint
  details: Record<string, unknown>
}): string {
  const { shop } = payment.details
  return `tk-${typeof shop === 'string' ? `${shop}-` : ''}${payment.id}-${payment.personId}`
}

/** @returns undefined for references that are not ours: a payment made by hand at the provider */
export function readReference(
  reference: string | undefined,
): { shop: string | undefined; id: string; personId: bigint } | undefined {
  const [, shop, id, person = ''] = /^tk-(?:([0-9a-f]{8})-)?([0-9a-z]{16})-(\d+)$/.exec(reference ?? '') ?? []
  const personId = personIdIn(person)
  return id && personId ? { shop, id, personId } : undefined
}
