/** Says why a role cannot reach the database: each cause with its own remedy. */
export function connectionProblem(error: unknown): string {
  const { message, code } = error as { message: string; code?: unknown }
  const is = (...codes: string[]) => typeof code === 'string' && codes.includes(code)
  if (is('28P01')) return 'it refuses the password, or has no such role. Check both in DATABASE_URL.'
  if (/password must be a (?:non-empty )?string/.test(message))
    return 'it asks for a password, and DATABASE_URL has none: postgres://user:password@host:5432/database.'
  if (is('28000') && /pg_hba\.conf/.test(message))
    return `it lets this role in from here by no line of its pg_hba.conf (${message}). Add one, or connect as it wants it (with sslmode=require if it wants TLS).`
  if (is('28000')) return `it does not know this role (${message}). Check the name in DATABASE_URL.`
  if (is('3D000'))
    return `it has no such database (${message}). Make it: createdb, or check the name in DATABASE_URL.`
  if (is('42501')) return grantProblem(message)
  if (is('57P03', '25006'))
    return `it is starting, or is a standby and takes no writes (${message}). Wait for it, or give DATABASE_URL the primary.`
  if (is('53300') || /max clients|no more connections/i.test(message))
    return `it has no connection left (${message}). Raise max_connections, or put a pooler before it: docs/scaling.md.`
  if (/does not support SSL/.test(message))
    return 'it speaks no TLS, which sslmode asks for. Switch TLS on there, or write sslmode=disable.'
  if (is('ERR_TLS_CERT_ALTNAME_INVALID'))
    return `its certificate is for another name (${message}). Write the host that it is for into DATABASE_URL, or sslmode=verify-ca.`
  if (typeof code === 'string' && /CERT|SIGNATURE|SELF_SIGNED|ERR_TLS|ERR_SSL/.test(code))
    return `its certificate is not accepted (${message}). Name its authority with sslrootcert=FILE or NODE_EXTRA_CA_CERTS, or write sslmode=require.`
  if (is('ECONNREFUSED'))
    return `nothing listens there (${message || 'ECONNREFUSED'}). Check host and port in DATABASE_URL, and that it runs.`
  if (is('ENOTFOUND', 'EAI_AGAIN'))
    return `its host's name is not known here (${message}). Check DATABASE_URL and the name server.`
  if (is('ENOENT', 'EACCES'))
    return `its socket is not there or not ours (${message}). Check the folder in DATABASE_URL.`
  if (is('EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT') || /timeout expired|timeout exceeded/.test(message))
    return `there is no way to it from here (${message}). Check the network, firewall and host in DATABASE_URL.`
  return `it does not answer (${message}). Check DATABASE_URL and that it runs.`
}

/** Names the grant that a new role lacks on a database that another role owns. */
export function grantProblem(message: string): string {
  const what = /permission denied (?:to|for) (\w+) ?(\S*)/.exec(message)
  const [, kind = '', name = ''] = what ?? []
  if (kind === 'schema')
    return `its role may not use the schema ${name}. As its owner: grant usage, create on schema ${name} to ROLE`
  if (kind === 'database' || kind === 'create')
    return `its role may make nothing in this database. As its owner: grant create on database NAME to ROLE`
  if (kind === 'table' || kind === 'sequence' || kind === 'view' || /must be owner/.test(message))
    return `its role does not own what another role made (${message}), as after a restore by a superuser. As that one: reassign owned by OTHER to ROLE (docs/backup.md)`
  return `its role may not do what is needed (${message}).`
}
