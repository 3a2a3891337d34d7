import pg from 'pg'

// A stand-in for psql on machines without one, called by name: psql -At [-U USER] [-d DATABASE] [-v …]
// [ADDRESS] -c STATEMENT …

const args = process.argv.slice(2)
const after = (flag: string) => args.flatMap((one, index) => (args[index - 1] === flag ? [one] : []))
const address = args.find((one) => /^postgres(ql)?:/.test(one))
const [database] = after('-d')
const client = new pg.Client(address ? { connectionString: address } : { ...(database && { database }) })
await client.connect()
try {
  for (const statement of after('-c')) {
    if (statement.startsWith('copy ')) {
      await client.query(statement.replace(/^copy \((.*)\) to stdout$/, '$1'))
      continue
    }
    const { rows } = await client.query<Record<string, unknown>>(statement)
    for (const row of rows) console.log(Object.values(row).map(String).join('|'))
  }
} finally {
  await client.end()
}
