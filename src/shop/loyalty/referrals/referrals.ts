import { sql as q } from 'kysely'
import { lockWord } from '#shared/db/lock.ts'
import { loyaltySql } from '../tables.ts'
import { literal } from '#shared/db/build.ts'
import type { Sql } from '#shared/db/db.ts'
import type { Asset } from '#shared/money.ts'

/** The value of `?start=r_...`: the inviter's id in base 36, which is shorter. */
export function inviteCode(personId: bigint): string {
  return personId.toString(36)
}

export function personOfCode(code: string): bigint | undefined {
  if (!/^[0-9a-z]{1,13}$/i.test(code)) return undefined
  const id = code
    .toLowerCase()
    .split('')
    .reduce((sum, digit) => sum * 36n + BigInt(parseInt(digit, 36)), 0n)
  return id > 0n && id < 2n ** 63n ? id : undefined
}

/** Whether an invitation counts, or why it does not; the person is told. again = it counted before. */
export type Invitation = 'counted' | 'again' | 'self' | 'existing' | 'ring' | 'unknown'

/** Chains of inviters are followed up to this length: nobody gains from a longer ring. */
const CHAIN = 20

/**
 * Remembers who invited a newcomer, once for all bots. People are told apart by their Telegram id, so another bot of
 * ours does not make anybody new.
 */
export async function invite(
  tx: Sql,
  guest: { personId: bigint; inviterId: bigint; bot: string },
): Promise<Invitation> {
  const { personId, inviterId, bot } = guest
  if (personId === inviterId) return 'self'
  // Two people who invite each other at the same moment would not see one another, so invitations wait for each
  // other.
  await lockWord(tx, 'invitations')
  // By hand: the statement walks up the chain of inviters and asks for every reason against an invitation at once.
  const [row] = await tx.rows(q<{ inviter: boolean; again: boolean; known: boolean; ring: boolean }>`
    with recursive chain as (
      select inviter_id, 1 as depth from referrals where person_id = ${inviterId}
      union all
      select r.inviter_id, c.depth + 1 from chain c join referrals r on r.person_id = c.inviter_id
      where c.depth < ${CHAIN}
    )
    select exists (select from persons where id = ${inviterId}) as inviter,
      exists (select from referrals where person_id = ${personId} and inviter_id = ${inviterId}) as again,
      exists (select from bot_sessions where person_id = ${personId}
              and (bot <> ${bot} or created_at < now() - interval '10 minutes'))
        or exists (select from referrals where person_id = ${personId}) as known,
      exists (select from chain where inviter_id = ${personId}) as ring`)
  if (!row!.inviter) return 'unknown'
  if (row!.again) return 'again'
  if (row!.ring) return 'ring'
  if (row!.known) return 'existing'
  const rows = await tx.rows(
    loyaltySql
      .insertInto('referrals')
      .values({ person_id: personId, inviter_id: inviterId, bot })
      .onConflict((there) => there.column('person_id').doNothing())
      .returning('person_id'),
  )
  return rows.length > 0 ? 'counted' : 'existing'
}

export interface ReferralStatistics {
  invited: number
  /** Invited people with a payment that was not refunded. */
  paying: number
  held: { asset: Asset; amount: bigint }[]
  earned: { asset: Asset; amount: bigint }[]
}

export async function referralStatistics(sql: Sql, personId: bigint): Promise<ReferralStatistics> {
  const invited = loyaltySql
    .selectFrom('referrals')
    .select(q<number>`count(*)::int`.as('count'))
    .where('inviter_id', '=', personId)
  const paying = loyaltySql
    .selectFrom('referral_rewards')
    .select(q<number>`count(distinct invited_id)::int`.as('count'))
    .where('inviter_id', '=', personId)
    .where('level', '=', 1)
    .where('state', 'in', [literal('held'), literal('paid')])
  const [counts] = await sql.rows(
    loyaltySql.selectNoFrom([
      invited.$asScalar().$notNull().as('invited'),
      paying.$asScalar().$notNull().as('paying'),
    ]),
  )
  const sums = await sql.rows(
    loyaltySql
      .selectFrom('referral_rewards')
      .select(['asset', 'state', q<bigint>`sum(amount)::bigint`.as('amount')])
      .where('inviter_id', '=', personId)
      .where('state', 'in', ['held', 'paid'])
      .groupBy(['asset', 'state'])
      .orderBy('asset'),
  )
  const of = (state: string) => sums.filter((one) => one.state === state)
  return { ...counts!, held: of('held'), earned: of('paid') }
}
