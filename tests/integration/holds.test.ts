import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sql as q } from 'kysely'
import type { Sql } from '#shared/db/db.ts'
import { capture, release, reserve, takeHeld } from '#shared/money/holds.ts'
import { ReferenceConflict, post, transfer } from '#shared/money/ledger.ts'
import { prove } from '#shared/money/proof.ts'
import { readBalance } from '#shared/money/read.ts'
import { UserError } from '#shared/errors.ts'
import { credit, ledgerDatabase, newPerson } from '../lib/ledger.ts'

const at = ledgerDatabase()
let references = 0
const fresh = () => `hold-test-${++references}`
const funds = async (person: bigint) => {
  const { available, held } = await readBalance(at.db, person, 'TOK')
  return { available, held }
}

async function withHold(amount = 6n) {
  const personId = await newPerson(at.db)
  await credit(at.db, personId, 10n, fresh())
  const reference = fresh()
  const hold = { reference, personId, asset: 'TOK' as const, amount }
  await at.db.tx((tx) => reserve(tx, hold))
  return { personId, reference, hold }
}

describe('holds', () => {
  test('reserved money cannot be spent or reserved again', async () => {
    const { personId, hold } = await withHold()
    expect(await funds(personId)).toEqual({ available: 4n, held: 6n })
    const spend = transfer(
      { person: personId },
      { system: 'sales' },
      { asset: 'TOK', amount: 5n },
      { reference: fresh(), kind: 'stars' },
    )
    await expect(post(at.db, spend)).rejects.toMatchObject({ code: 'balance.insufficient' })
    await expect(at.db.tx((tx) => reserve(tx, { ...hold, reference: fresh(), amount: 5n }))).rejects.toThrow(
      UserError,
    )
    expect(await funds(personId)).toEqual({ available: 4n, held: 6n })
  })

  test('the same hold again reserves once; another sum under its reference is a conflict', async () => {
    const { personId, hold } = await withHold()
    await Promise.all(Array.from({ length: 8 }, () => at.db.tx((tx) => reserve(tx, hold))))
    await expect(at.db.tx((tx) => reserve(tx, { ...hold, amount: 1n }))).rejects.toThrow(ReferenceConflict)
    expect(await funds(personId)).toEqual({ available: 4n, held: 6n })
  })

  test('a capture and a release race twenty times over: one of them wins, the others learn it', async () => {
    const { personId, reference } = await withHold()
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        at.db.tx(async (tx) =>
          i % 2
            ? { captured: await capture(tx, reference, { kind: 'stars' }) }
            : { released: await release(tx, reference, 'test') },
        ),
      ),
    )
    const captured = outcomes.some((one) => 'captured' in one && one.captured)
    const released = outcomes.some((one) => 'released' in one && one.released)
    expect([captured, released].filter(Boolean)).toHaveLength(1)
    for (const one of outcomes) {
      if ('captured' in one) expect(one.captured).toBe(captured)
      else expect(one.released).toBe(released)
    }
    expect(await funds(personId)).toEqual(
      captured ? { available: 4n, held: 0n } : { available: 10n, held: 0n },
    )
  })

  test('a hold taken into a posting of its own is captured, once', async () => {
    const { personId, reference } = await withHold()
    const take = () =>
      at.db.tx(async (tx) => {
        await takeHeld(tx, reference)
        await post(tx, {
          reference: `take-${reference}`,
          kind: 'refund',
          entries: [
            { owner: { person: personId }, asset: 'TOK', amount: -6n, bucket: 'held' },
            { owner: { system: 'conversion' }, asset: 'TOK', amount: 6n },
          ],
        })
      })
    const outcomes = await Promise.allSettled([take(), take(), take()])
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(await funds(personId)).toEqual({ available: 4n, held: 0n })
    await expect(at.db.tx((tx) => release(tx, reference, 'late'))).resolves.toBe(false)
  })

  test('a rollback gives the reserved money back with everything else', async () => {
    const { personId, hold } = await withHold()
    const again = { ...hold, reference: fresh(), amount: 4n }
    const failing = at.db.tx(async (tx) => {
      await reserve(tx, again)
      throw new Error('the order could not be written')
    })
    await expect(failing).rejects.toThrow('could not be written')
    expect(await funds(personId)).toEqual({ available: 4n, held: 6n })
    await at.db.tx((tx) => reserve(tx, again))
    expect(await funds(personId)).toEqual({ available: 0n, held: 10n })
  })

  test('capturing or releasing what was never reserved is an error', async () => {
    await expect(at.db.tx((tx) => capture(tx, fresh(), { kind: 'stars' }))).rejects.toThrow(
      'there is no hold',
    )
    await expect(at.db.tx((tx) => release(tx, fresh(), ''))).rejects.toThrow('there is no hold')
  })
})

const people = 3
const commands = fc.oneof(
  fc.record({
    do: fc.constant('credit' as const),
    ref: fc.nat(12),
    who: fc.nat(people - 1),
    amount: fc.bigInt(1n, 20n),
  }),
  fc.record({
    do: fc.constant('spend' as const),
    ref: fc.nat(12),
    who: fc.nat(people - 1),
    amount: fc.bigInt(1n, 12n),
  }),
  fc.record({
    do: fc.constant('refund' as const),
    ref: fc.nat(6),
    who: fc.nat(people - 1),
    amount: fc.bigInt(1n, 5n),
  }),
  fc.record({
    do: fc.constant('give' as const),
    ref: fc.nat(12),
    who: fc.nat(people - 1),
    to: fc.nat(people - 1),
    amount: fc.bigInt(1n, 9n),
  }),
  fc.record({
    do: fc.constant('reserve' as const),
    ref: fc.nat(8),
    who: fc.nat(people - 1),
    amount: fc.bigInt(1n, 12n),
  }),
  fc.record({ do: fc.constant('capture' as const), ref: fc.nat(8) }),
  fc.record({ do: fc.constant('release' as const), ref: fc.nat(8) }),
)
type Command = typeof commands extends fc.Arbitrary<infer T> ? T : never

/** Runs one command, and notes whose total it changed by how much. */
async function run(
  tx: Sql,
  persons: bigint[],
  space: string,
  command: Command,
): Promise<Map<bigint, bigint>> {
  const asset = 'TOK' as const
  const reference = `${space}-${command.do}-${command.ref}`
  const nothing = new Map<bigint, bigint>()
  if (command.do === 'capture')
    return (await capture(tx, `${space}-${command.ref}`, { kind: 'generation' }), nothing)
  if (command.do === 'release') return (await release(tx, `${space}-${command.ref}`, 'test'), nothing)
  const personId = persons[command.who]!
  const { amount } = command
  if (command.do === 'reserve') {
    await reserve(tx, { reference: `${space}-${command.ref}`, personId, asset, amount })
    return nothing
  }
  const person = { person: personId }
  const to = command.do === 'give' ? persons[command.to]! : undefined
  if (to === personId) return nothing
  const posting =
    command.do === 'spend'
      ? transfer(person, { system: 'sales' }, { asset, amount }, { reference, kind: 'stars' })
      : to === undefined
        ? transfer(
            { system: 'adjustments' },
            person,
            { asset, amount },
            { reference, kind: command.do === 'refund' ? 'refund' : 'adjustment' },
          )
        : transfer(person, { person: to }, { asset, amount }, { reference, kind: 'entry' })
  const { repeated } = await post(tx, posting)
  if (repeated) return nothing
  return new Map(
    posting.entries.flatMap((entry) =>
      'person' in entry.owner ? [[entry.owner.person, entry.amount] as const] : [],
    ),
  )
}

test('any sequence of credits, holds, captures, releases, refunds and transfers, run concurrently, keeps every invariant', async () => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(fc.array(commands, { minLength: 10, maxLength: 60 }), async (sequence) => {
      const space = `property-${++runs}`
      const persons = await Promise.all(Array.from({ length: people }, () => newPerson(at.db)))
      const outcomes = await Promise.allSettled(
        sequence.map((command) => at.db.tx((tx) => run(tx, persons, space, command))),
      )
      const expected = new Map(persons.map((person) => [person, 0n]))
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') {
          const reason = outcome.reason as Error
          const known =
            reason instanceof ReferenceConflict ||
            (reason instanceof UserError && reason.code === 'balance.insufficient') ||
            reason.message.startsWith('there is no hold')
          if (!known) throw reason
          continue
        }
        for (const [person, amount] of outcome.value) expected.set(person, expected.get(person)! + amount)
      }
      const holds = await at.db.rows(q<{ personId: bigint; amount: bigint; state: string }>`
        select person_id as "personId", amount, state from holds where person_id = any(${persons})`)
      const held = new Map(persons.map((person) => [person, 0n]))
      for (const hold of holds) {
        if (hold.state === 'captured') expected.set(hold.personId, expected.get(hold.personId)! - hold.amount)
        if (hold.state === 'open') held.set(hold.personId, held.get(hold.personId)! + hold.amount)
      }
      for (const person of persons) {
        const wallet = await readBalance(at.db, person, 'TOK')
        expect(wallet.available).toBeGreaterThanOrEqual(0n)
        expect(wallet.held).toBe(held.get(person))
        expect(wallet.available + wallet.held).toBe(expected.get(person))
      }
      expect(await prove(at.db)).toMatchObject({ ok: true })
    }),
    { numRuns: 60 },
  )
})
