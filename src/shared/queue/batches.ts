/** ms. A fifth of the time that a job of the upkeep may take. */
const AT_WORK_MS = 60_000

/**
 * Does one batch after another while there is more, for a minute at most. Where work comes as fast as it is done there is
 * always more, so the job would end with its time, as a dead letter. What is left is for the next run.
 * @param batch answers whether there is more
 * @returns whether there is more
 */
export async function inBatches(batch: () => Promise<boolean>, atWorkMs = AT_WORK_MS): Promise<boolean> {
  const begun = performance.now()
  while (await batch()) if (performance.now() - begun >= atWorkMs) return true
  return false
}
