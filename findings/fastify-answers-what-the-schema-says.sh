#!/usr/bin/env bash
# fastify 5.12.8 with the fast-json-stringify that it brings, zod 4.6.7.
# A good guess: a response schema leaves out what it does not name; a value that it does not allow is an error, as "abc"
#   for an integer is, or goes out as it is.
# What happens: the answer is written as the schema says. Where it has a constant (`z.literal('paid')`), the constant goes
#   out, whatever the row holds: a failed payment is answered as paid. A null for an integer is 0, 10.7 is 10, a null for
#   a text is "", the text "false" for a boolean is true, and a value outside of an enum or below a minimum goes out as it
#   is. In all of them the status is 200.
# Seen: {"state":"paid","amount":0,"price":10,"note":"","fresh":true,"kind":"other"} for a row that says otherwise in each
#   place.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install fastify@5.12.8 zod@4.6.7
script <<'JS'
import assert from 'node:assert/strict'
import Fastify from 'fastify'
import * as z from 'zod'

const Payment = z.object({
  state: z.literal('paid'),
  amount: z.int(),
  price: z.int(),
  note: z.string(),
  fresh: z.boolean(),
  kind: z.enum(['card', 'stars']),
})
const row = { state: 'failed', amount: null, price: 10.7, note: null, fresh: 'false', kind: 'other' }
const { $schema, ...schema } = z.toJSONSchema(Payment, { target: 'draft-7' })
const app = Fastify()
app.get('/row', { schema: { response: { 200: schema } } }, async () => row)
app.get('/text', { schema: { response: { 200: schema } } }, async () => ({ ...row, price: 'abc' }))
const answers = [await app.inject('/row'), await app.inject('/text')]
const wrong = Payment.safeParse(row).error.issues.map(({ path }) => path[0])
console.log(answers[0].body, answers[1].statusCode, wrong)
assert.deepEqual(wrong, Object.keys(row))
assert.equal(answers[0].statusCode, 200)
assert.deepEqual(answers[0].json(), { state: 'paid', amount: 0, price: 10, note: '', fresh: true, kind: 'other' })
assert.equal(answers[1].statusCode, 500)
JS
