import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Axe {
  run(options: object): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>
}

/** Barriers on this page that a person with a screen reader, or with weak eyes, would meet. */
export async function barriersOn(page: Page): Promise<string[]> {
  // The script stays until the page is loaded anew.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(AXE)
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: Axe }).axe.run({ resultTypes: ['violations'] }),
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map((one) => `${one.id}: ${one.nodes.map(({ html }) => html).join(' ')}`)
}
