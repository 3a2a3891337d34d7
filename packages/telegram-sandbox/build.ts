import { spawnSync } from 'node:child_process'
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'vite'

/*
 * Writes what is published into dist: `node build.ts [folder]`, then `npm publish dist`. Node strips types of no file
 * below a node_modules, so the published package is JavaScript; here, where npm's link leads out of node_modules, the
 * sources run as they are.
 */
const here = import.meta.dirname
const out = resolve(process.argv[2] ?? join(here, 'dist'))
rmSync(out, { recursive: true, force: true })

const toJs = (code: string) => code.replaceAll(/(from\s+'\.[^']*)\.ts'/g, "$1.js'")
// A few files instead of eighty, because Node's module loader would take 8 MiB and a third of the start for the
// rest.
await build({
  configFile: false,
  logLevel: 'warn',
  build: {
    ssr: true,
    outDir: out,
    emptyOutDir: false,
    target: 'node24',
    minify: false,
    rolldownOptions: {
      input: Object.fromEntries(
        ['bin.ts', 'index.ts', ...globSync('lib/*.ts', { cwd: join(here, 'src') })].map((path) => [
          path.replace(/\.ts$/, ''),
          join(here, 'src', path),
        ]),
      ),
      output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
    },
  },
})

const { scripts: _, ...manifest } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as {
  scripts: unknown
  exports: Record<string, string>
}
const published = {
  ...manifest,
  exports: Object.fromEntries(
    Object.entries(manifest.exports).map(([name, path]) => [name, forPublished(path)]),
  ),
  bin: { 'telegram-sandbox': 'bin.js' },
}
function forPublished(path: string) {
  const base = path.replace('./src/', './').replace(/\.ts$/, '')
  return { types: `${base}.d.ts`, default: `${base}.js` }
}
writeFileSync(join(out, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)
for (const page of ['README.md', 'KINDER.md']) cpSync(join(here, page), join(out, page))
cpSync(join(here, 'page.png'), join(out, 'page.png'))
cpSync(join(here, '../../LICENSE'), join(out, 'LICENSE'))
cpSync(join(here, 'src/page'), join(out, 'page'), { recursive: true })

const tsc = spawnSync(
  'tsc',
  [
    `--declaration --emitDeclarationOnly --allowImportingTsExtensions --skipLibCheck --strict --ignoreConfig`.split(
      ' ',
    ),
    `--module nodenext --target es2024 --lib es2024,esnext.disposable --types node`.split(' '),
    ['--rootDir', join(here, 'src'), '--outDir', out, join(here, 'src/index.ts')],
  ].flat(),
  {
    stdio: ['ignore', 2, 2],
    env: { ...process.env, PATH: `${join(here, '../../node_modules/.bin')}:${process.env['PATH']}` },
  },
)
if (tsc.status !== 0) process.exit(1)
for (const path of globSync('**/*.d.ts', { cwd: out })) {
  const file = join(out, path)
  writeFileSync(file, toJs(readFileSync(file, 'utf8')))
}
