export type Level = 'ok' | 'warn' | 'fail'

export interface Finding {
  check: string
  level: Level
  /** What was found, and what to do if it is not as it should be. */
  says: string
}

export const ok = (check: string, says: string): Finding => ({ check, level: 'ok', says })
export const warn = (check: string, says: string): Finding => ({ check, level: 'warn', says })
export const fail = (check: string, says: string): Finding => ({ check, level: 'fail', says })

export function printFindings(all: readonly Finding[], asJson: boolean): void {
  if (asJson) return console.log(JSON.stringify(all, undefined, 2))
  const marks = { ok: '  ok  ', warn: ' WARN ', fail: ' FAIL ' }
  const width = Math.max(...all.map(({ check }) => check.length))
  for (const { check, level, says } of all) console.log(`${marks[level]} ${check.padEnd(width)}  ${says}`)
}

/** The exit code: 0 all is well, 1 something should be better, 2 something is wrong. */
export function exitCode(all: readonly Finding[]): number {
  const levels = all.map(({ level }) => level)
  return levels.includes('fail') ? 2 : levels.includes('warn') ? 1 : 0
}
