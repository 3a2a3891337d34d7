/** XP at which a level begins: 0, 100, 300, 600, 1000, ... for a base of 100. Level 1 is where everybody starts. */
export function xpOfLevel(level: number, base: number): number {
  return (base * level * (level - 1)) / 2
}

/** The level that so many XP reach: the inverse of xpOfLevel, corrected for the error of the square root. */
export function levelOf(xp: number, base: number): number {
  let level = Math.max(1, Math.floor((1 + Math.sqrt(1 + (8 * Math.max(0, xp)) / base)) / 2))
  while (xpOfLevel(level + 1, base) <= xp) level++
  while (level > 1 && xpOfLevel(level, base) > xp) level--
  return level
}
