import { existsSync } from 'node:fs'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'

/**
 * Sets one variable of a .env file and leaves every other line as it is. The file is replaced in one step and is
 * readable by its owner only.
 */
export async function keepInDotEnv(file: string, name: string, value: string): Promise<void> {
  if (/[\n\r"\\]/.test(value)) throw new Error(`${name} has characters that .env cannot hold`)
  const before = existsSync(file) ? await readFile(file, 'utf8') : ''
  const line = /^[\w.+/=-]*$/.test(value) ? `${name}=${value}` : `${name}="${value}"`
  const own = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`)
  const lines = before.split('\n')
  const at = lines.findIndex((one) => own.test(one))
  const kept = lines.filter((one, index) => index === at || !own.test(one))
  if (at >= 0) kept[at] = line
  else if (kept.at(-1) === '') kept.splice(-1, 0, line)
  else kept.push(line, '')
  const draft = `${file}.${process.pid}`
  await writeFile(draft, kept.join('\n'), { mode: 0o600 })
  await rename(draft, file)
  await chmod(file, 0o600)
}
