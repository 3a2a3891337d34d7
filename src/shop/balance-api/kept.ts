/**
 * Keeps what every call asks for again (its key, the rates of its bot), and reads it anew when it is older than
 * `freshMs`. A kept value comes without a promise. Calls that come while it is being read wait for that one reading.
 * A failure is not kept.
 */
export function keep<Value>(
  freshMs: number,
  read: (name: string) => Promise<Value>,
): (name: string) => Value | Promise<Value> {
  const known = new Map<string, { until: number; value?: Value; reading?: Promise<Value> }>()
  return (name) => {
    const now = performance.now()
    const kept = known.get(name)
    if (kept && now < kept.until) return kept.reading ?? (kept.value as Value)
    if (known.size >= SIZE) known.clear()
    const entry: { until: number; value?: Value; reading?: Promise<Value> } = { until: now + freshMs }
    known.set(name, entry)
    entry.reading = read(name).then(
      (value) => {
        entry.value = value
        entry.reading = undefined
        return value
      },
      (error: unknown) => {
        known.delete(name)
        throw error
      },
    )
    return entry.reading
  }
}

const SIZE = 10_000
