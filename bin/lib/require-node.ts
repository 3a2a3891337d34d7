// Every entry imports this file first, because an older Node would fail later and say less.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 12)) {
  console.error(`telekassa needs Node 24.12 or newer, and this is ${process.versions.node}.
Run it through npm (npm start, npm test, npm run ...): npm ci has installed the right Node for it.`)
  process.exit(1)
}
