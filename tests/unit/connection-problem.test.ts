import { expect, test } from 'vitest'
import { connectionProblem } from '../../bin/lib/connection-problem.ts'

// Problems that a server of the tests can cause are tried in database-address.test.ts. No server here can cause
// these.

test.each([
  ['28P01', 'password authentication failed', 'it refuses the password, or has no such role.'],
  ['', 'SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'it asks for a password'],
  [
    '28000',
    'no pg_hba.conf entry for host "10.0.0.1"',
    'it lets this role in from here by no line of its pg_hba.conf',
  ],
  ['28000', 'role "x" is not permitted to log in', 'it does not know this role'],
  ['3D000', 'database "x" does not exist', 'it has no such database'],
  ['42501', 'permission denied for schema public', 'its role may not use the schema public.'],
  ['42501', 'permission denied for table bots', 'its role does not own what another role made'],
  ['57P03', 'the database system is starting up', 'it is starting, or is a standby'],
  ['53300', 'sorry, too many clients already', 'it has no connection left'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'Host: db. is not in the cert', 'its certificate is for another name'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate', 'its certificate is not accepted'],
  ['CERT_HAS_EXPIRED', 'certificate has expired', 'its certificate is not accepted'],
  ['', 'The server does not support SSL connections', 'it speaks no TLS'],
  ['ECONNREFUSED', '', 'nothing listens there (ECONNREFUSED)'],
  ['ENOTFOUND', 'getaddrinfo ENOTFOUND db', "its host's name is not known here"],
  ['EHOSTUNREACH', 'connect EHOSTUNREACH 10.0.0.1:5432', 'there is no way to it from here'],
  ['ENETUNREACH', 'connect ENETUNREACH', 'there is no way to it from here'],
  ['', 'timeout expired', 'there is no way to it from here'],
  ['ENOENT', 'connect ENOENT /run/.s.PGSQL.5432', 'its socket is not there or not ours'],
])('%s %j is explained, with what to do', (code, message, says) => {
  const said = connectionProblem(Object.assign(new Error(message), code && { code }))
  expect(said.startsWith(says), said).toBe(true)
  expect(said).toMatch(/DATABASE_URL|sslmode|grant|reassign|max_connections|pg_hba/)
})
