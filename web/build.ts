import { createHash } from 'node:crypto'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const root = import.meta.dirname
/** The gateway looks for the pages in this folder. */
const BUILT = resolve(root, '../dist/web')
const STAMP = join(BUILT, 'made-of')

/**
 * Builds the pages into dist/web, with a brotli and a gzip copy beside each file that the gateway sends unchanged.
 * Nothing is built when the sources are those of the last build.
 */
export async function buildWeb(): Promise<void> {
  const made = hashOf([
    'app.html',
    'panel.html',
    'build.ts',
    '../package-lock.json',
    '../src/shop/web/panel/csv-cell.ts',
    ...globSync('src/**/*', { cwd: root }),
  ])
  if (readIfThere(STAMP) === made) return
  await build({
    configFile: false,
    root,
    base: '/app/',
    logLevel: 'warn',
    // Under another NODE_ENV, as in tests, Vite takes JSX for debugging: a third larger, with the paths of this machine.
    oxc: { jsx: { development: false } },
    build: {
      outDir: BUILT,
      emptyOutDir: true,
      // Browsers of spring 2023: they mix colours and can end a request that takes too long.
      target: ['chrome111', 'safari16.4'],
      modulePreload: { polyfill: false },
      // A picture or a font inside a style sheet could not be cached by itself.
      assetsInlineLimit: 0,
      rolldownOptions: { input: ['app.html', 'panel.html'].map((page) => join(root, page)) },
    },
  })
  for (const file of globSync('assets/*.{js,css}', { cwd: BUILT })) {
    const bytes = readFileSync(join(BUILT, file))
    const best = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }
    writeFileSync(join(BUILT, `${file}.br`), brotliCompressSync(bytes, best))
    writeFileSync(join(BUILT, `${file}.gz`), gzipSync(bytes, { level: 9 }))
  }
  writeFileSync(STAMP, made)
}

function hashOf(files: string[]): string {
  const hash = createHash('sha256')
  for (const file of files.toSorted()) {
    const content = readIfThere(join(root, file))
    if (content !== undefined) hash.update(`${file}\0${content}\0`)
  }
  return hash.digest('hex')
}

/** @returns undefined when there is no such file, or when it is a folder */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) await buildWeb()
