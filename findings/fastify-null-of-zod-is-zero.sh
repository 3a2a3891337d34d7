#!/usr/bin/env bash
# zod 4.6.7, its `z.toJSONSchema`, with fastify 5.12.8 and the ajv 8 that it brings.
# A good guess: a body's `limit: z.int().nullable()` (null is "without a limit") that is given to Fastify as JSON Schema
#   takes null and leaves it null, as zod itself and `z.number().nullable()` beside it do.
# What happens: zod writes `type: ["number", "null"]` for the plain number, and `anyOf` of a number and null as soon as
#   there is a rule, and `z.int()` has two of its own. Fastify's ajv converts types, and the first branch of `anyOf` makes
#   0 of null before the second one is looked at. So "without a limit" arrives as "nothing", with 200. A list arrives as
#   [0], a text with a longest length as "". `.default(null)` makes 0 of a key that was not sent at all. Null written
#   first (`z.union([z.null(), z.int()])`), the target openapi-3.0, and `coerceTypes: false` keep null.
# Seen: null as null of z.number(), 0 of z.int(), z.number().min(0) and z.int().nullable().default(null), [0] and "".
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install zod@4.6.7 fastify@5.12.8
script <<'JS'
import assert from 'node:assert/strict'
import Fastify from 'fastify'
import * as z from 'zod'

const body = z.object({
  number: z.number().nullable(),
  int: z.int().nullable(),
  least: z.number().min(0).nullable(),
  list: z.array(z.int()).nullable(),
  short: z.string().max(10).nullable(),
  nullFirst: z.union([z.null(), z.int()]),
})
const nothing = Object.fromEntries(Object.keys(body.shape).map((key) => [key, null]))

/** What a handler gets of a body. */
async function got(schema, payload, target = 'draft-7', customOptions = {}) {
  const { $schema, ...json } = z.toJSONSchema(schema, { target, io: 'input' })
  const app = Fastify({ ajv: { customOptions } })
  app.post('/', { schema: { body: json } }, async (request) => request.body)
  const answer = await app.inject({ method: 'POST', url: '/', payload })
  assert.equal(answer.statusCode, 200)
  return answer.json()
}
const seen = {
  zod: body.parse(nothing),
  fastify: await got(body, nothing),
  strict: await got(body, nothing, 'draft-7', { coerceTypes: false }),
  openapi: await got(body, nothing, 'openapi-3.0'),
  absent: await got(z.object({ limit: z.int().nullable().default(null) }), {}),
}
console.log(seen)
assert.deepEqual(seen, {
  zod: nothing,
  fastify: { ...nothing, int: 0, least: 0, list: [0], short: '' },
  strict: nothing,
  openapi: nothing,
  absent: { limit: 0 },
})
JS
