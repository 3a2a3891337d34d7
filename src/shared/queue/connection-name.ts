/**
 * The name of a process's connection, by which others see how many partitions it works with, and of one with doors how it
 * spreads them over the servers. A release before reads the number alone.
 */
export function connectionName(prefix: string, partitions: number, spread?: string): string {
  const doors = spread === undefined ? '' : `:doors=${spread}`
  return `${encodeURIComponent(prefix)}:partitions=${partitions}${doors}`
}
