#!/usr/bin/env bash
# zod 4.6.7 beside zod 3.25.76.
# A good guess: `z.unknown()` and `z.any()` take everything, undefined too, so a key of an object with such a value may
#   be absent, as in zod 3.
# What happens: the key has to be there. `{ data: undefined }` passes and `{}` does not, though both read the same.
#   JSON of a vendor that leaves a field out fails.
# Seen: zod 4 refuses {} and takes { data: undefined }; zod 3 takes both.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install zod@4.6.7 zod3@npm:zod@3.25.76
script <<'JS'
import assert from 'node:assert/strict'
import { z } from 'zod'
import { z as old } from 'zod3'

const seen = [z, old].map((lib) =>
  [lib.unknown(), lib.any()].map((data) => {
    const shape = lib.object({ data })
    return [shape.safeParse({}).success, shape.safeParse({ data: undefined }).success]
  }),
)
console.log(JSON.stringify(seen))
assert.deepEqual(seen[0], [[false, true], [false, true]])
assert.deepEqual(seen[1], [[true, true], [true, true]])
JS
