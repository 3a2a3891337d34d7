/** The name of a process's connection, by which others see how many partitions it works with. */
export function connectionName(prefix: string, partitions: number): string {
  return `${encodeURIComponent(prefix)}:partitions=${partitions}`
}
