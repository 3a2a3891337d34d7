#!/usr/bin/env bash
# vite 8.3.8, preact 11.2.0.
# A good guess: `build()` makes what is shipped, whoever calls it: its `mode` is 'production' and minifies. So a test may
#   build the pages that it opens, and what a later `npm run build` finds unchanged need not be built again.
# What happens: Vite sets NODE_ENV only where it is unset, and a test runner has set it to 'test'. JSX is then compiled for
#   debugging: each element carries the absolute path of its file with line and column, and jsx-dev-runtime is called.
#   `mode: 'production'` in the call changes nothing. NODE_ENV=production does, and so does `oxc.jsx.development: false`.
# Seen: the pages of a shop had 72 kB instead of 39 for one script, with the folder of whoever had tested them.
set -euo pipefail
. "$(dirname "$0")/lib.sh" "$(mktemp -d)"
install vite@8.3.8 preact@11.2.0
cat >tsconfig.json <<'JSON'
{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "preact" } }
JSON
cat >page.tsx <<'TSX'
import { render } from 'preact'
render(<main><h1>Tea</h1><p>1.50</p></main>, document.body)
TSX
script <<'JS'
import assert from 'node:assert/strict'
import { build } from 'vite'

async function built(NODE_ENV, more = {}) {
  delete process.env.NODE_ENV
  if (NODE_ENV) process.env.NODE_ENV = NODE_ENV
  const root = process.cwd()
  const { output } = await build({
    root,
    configFile: false,
    logLevel: 'error',
    build: { write: false, rolldownOptions: { input: 'page.tsx' } },
    ...more,
  })
  return output[0].code.includes(root) ? 'with paths' : 'without'
}
const seen = {
  'NODE_ENV unset': await built(),
  production: await built('production'),
  test: await built('test'),
  'test, mode production': await built('test', { mode: 'production' }),
  'test, development false': await built('test', { oxc: { jsx: { development: false } } }),
}
console.log(seen)
assert.deepEqual(seen, {
  'NODE_ENV unset': 'without',
  production: 'without',
  test: 'with paths',
  'test, mode production': 'with paths',
  'test, development false': 'without',
})
JS
