import { z } from 'zod'
import { NOW } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import { UserError } from '#shared/errors.ts'
import type { PaymentProvider } from './providers/port.ts'
import { paymentsSql } from './tables.ts'

/** Mail servers take no longer address. */
const emailShape = z.email().max(254)

/** Where a person's fiscal receipts go; undefined = nobody has asked them yet. */
export async function receiptEmail(sql: Sql, personId: bigint): Promise<string | undefined> {
  const [row] = await sql.rows(
    paymentsSql.selectFrom('receipt_emails').select('email').where('person_id', '=', personId),
  )
  return row?.email
}

/** @throws UserError `receipt.email-wrong` */
export async function keepReceiptEmail(sql: Sql, personId: bigint, typed: string): Promise<void> {
  const { data: email } = emailShape.safeParse(typed.trim())
  if (!email) throw new UserError('receipt.email-wrong')
  await sql.rows(
    paymentsSql
      .insertInto('receipt_emails')
      .values({ person_id: personId, email })
      .onConflict((other) => other.column('person_id').doUpdateSet({ email, given_at: NOW })),
  )
}

/** Where the receipt of a payment goes, in the words of the port. */
export async function receiptOf(
  sql: Sql,
  provider: PaymentProvider,
  { personId }: { personId: bigint },
): Promise<{ email?: string }> {
  const email = provider.supports.receipts ? await receiptEmail(sql, personId) : undefined
  return email === undefined ? {} : { email }
}
