import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** One file of the repository, with the paths of the files that it imports. */
export interface Source {
  path: string
  text: string
  /** Imports of the repository's own files, as paths from its root. */
  imports: string[]
  /** Packages and Node's own modules. */
  packages: string[]
}

/** All files that match, without what npm installed. */
export function sources(...patterns: string[]): Source[] {
  return patterns
    .flatMap((pattern) => globSync(pattern, { cwd: root }))
    .filter((path) => !path.includes('node_modules'))
    .toSorted()
    .map(readSource)
}

export function readSource(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)].map((match) => match[1]!)
  return {
    path,
    text,
    imports: specifiers
      .filter((specifier) => /^[.#]/.test(specifier))
      .map((specifier) =>
        specifier.startsWith('#')
          ? specifier.replace('#', 'src/')
          : relative(root, resolve(root, dirname(path), specifier)),
      ),
    packages: specifiers.filter((specifier) => !/^[.#]/.test(specifier)),
  }
}

/** `src/workers/bot/worker.ts imports src/gateway/gateway.ts` for each import that the rule does not allow. */
export function forbidden(files: Source[], allowed: (imported: string, file: Source) => boolean): string[] {
  return files.flatMap((file) =>
    file.imports
      .filter((imported) => !allowed(imported, file))
      .map((imported) => `${file.path} imports ${imported}`),
  )
}
