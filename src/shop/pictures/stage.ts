/** What the person is shown while a picture is being made. `done` and `failed` are final. */
export type Shown =
  | { stage: 'queued'; place: number; expectedSeconds: number }
  | { stage: 'handed'; elapsedSeconds: number; usualSeconds: number }
  | { stage: 'drawing'; elapsedSeconds: number; usualSeconds: number }
  | { stage: 'uploading' }
  | { stage: 'failed' }

const BAR_CELLS = 12
/** The bar shows time, which is no proof of progress, so it stops short of its end until there is a picture. */
const BAR_MOST = 0.95

export function bar(elapsedSeconds: number, usualSeconds: number): string {
  const filled = Math.floor(Math.min(elapsedSeconds / Math.max(usualSeconds, 1), BAR_MOST) * BAR_CELLS)
  return '▓'.repeat(filled) + '░'.repeat(BAR_CELLS - filled)
}
