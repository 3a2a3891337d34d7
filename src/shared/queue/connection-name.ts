/**
 * The name of a process's Redis connection. Other processes read from it with how many partitions this process works
 * and, if it has doors, how it spreads them over the servers. The release before this one reads only the number.
 */
export function connectionName(prefix: string, partitions: number, spread?: string): string {
  const doors = spread === undefined ? '' : `:doors=${spread}`
  return `${encodeURIComponent(prefix)}:partitions=${partitions}${doors}`
}
