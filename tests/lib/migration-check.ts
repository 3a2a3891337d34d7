/** The rules that a statement can break, each with what to do instead. */
const ADVICE = {
  drop: 'the running version still uses it: stop using it in one release, drop it in the next',
  rename:
    'the running version knows the old name: add the new one, fill it, drop the old one a release later',
  'not-null': 'the running version writes rows without it: keep it nullable, or give it a default',
  type: 'rewrites the table under a lock, and the running version sends the old type: add a column instead',
  'drop-default': 'the running version relies on it',
  constraint: 'reads the whole table under a lock: add it as `not valid`, validate it in a later migration',
  index:
    'locks writers out while it is built: `create index concurrently`, alone in a migration without transaction',
  backfill: 'locks many rows in one transaction: fill them in batches by a job',
  lock: 'stops the running version',
  transaction: '`concurrently` works outside a transaction only: override isTransactional() with false',
  'drop-key':
    'the running version may rely on it (`on conflict`, a guard against repeats): drop it a release later; to build it anew, say so',
  trigger: 'the running version meets it with its next write, and it was never tested with it',
  unread: 'what runs inside cannot be checked: write the statements out',
  mixed: 'without a transaction a failure leaves one half behind: one statement in such a migration',
} as const
export type Rule = keyof typeof ADVICE

export interface Finding {
  rule: Rule
  statement: string
  says: string
}

/**
 * Finds what in a migration would break the version that runs meanwhile, or stop it for long. A table that
 * the migration makes itself is used by no running version. A comment lets a statement through: `-- allow
 * index: forty rows, ever`.
 * @param queries the migration's statements
 * @param transactional whether they run in one transaction
 */
export function breaksRunningVersion(queries: readonly string[], transactional = true): Finding[] {
  const statements = queries.flatMap(split)
  const own = new Set(statements.flatMap(({ sql }) => createdTable(sql) ?? []))
  const findings = statements.flatMap(({ sql, allowed }) =>
    rulesOf(sql, own, transactional)
      .filter((rule) => !allowed.has(rule))
      .map((rule) => ({ rule, statement: sql.slice(0, 120), says: ADVICE[rule] })),
  )
  // Dropping the index that a broken-off build left behind may be repeated, and lets the build be repeated.
  const lasting = statements.filter(({ sql }) => !sql.startsWith('drop index concurrently if exists '))
  const mixed = !transactional && lasting.length > 1
  return mixed
    ? [...findings, { rule: 'mixed', statement: lasting[1]!.sql.slice(0, 120), says: ADVICE.mixed }]
    : findings
}

function rulesOf(sql: string, own: Set<string>, transactional: boolean): Rule[] {
  const rules: Rule[] = []
  if (/^drop (table|view|materialized view|type|schema|sequence|function)\b/.test(sql)) rules.push('drop')
  if (/^(lock|truncate|cluster|vacuum full|reindex (?!.*concurrently))\b/.test(sql)) rules.push('lock')
  if (/^alter type .* rename\b/.test(sql)) rules.push('rename')

  if (/^drop index\b/.test(sql) && !sql.startsWith('drop index concurrently if exists '))
    rules.push('drop-key')
  if (/^drop (trigger|rule|policy)\b/.test(sql)) rules.push('drop')
  if (/^do\b/.test(sql)) rules.push('unread')
  if (/^with\b.*\b(update|delete from|insert into)\b/.test(sql)) rules.push('backfill')
  const watched = /^create (?:or replace )?(?:constraint )?trigger .*? on (?:public\.)?"?([a-z_0-9]+)"?/.exec(
    sql,
  )?.[1]
  if (watched !== undefined && !own.has(watched)) rules.push('trigger')

  const table = tableOf(sql)
  if (table === undefined || own.has(table)) return rules
  if (/^(update|delete)\b/.test(sql)) rules.push('backfill')
  if (/^create (unique )?index\b/.test(sql)) {
    if (!/^create (unique )?index concurrently\b/.test(sql)) rules.push('index')
    else if (transactional) rules.push('transaction')
  }
  if (!sql.startsWith('alter table')) return rules
  for (const action of actionsOf(sql)) {
    if (/^drop (column )?(?!constraint|default|not null|identity|expression)/.test(action)) rules.push('drop')
    if (/^rename\b/.test(action)) rules.push('rename')
    if (/^(enable|disable) (trigger|rule|row level security)\b/.test(action)) rules.push('trigger')
    if (/^alter (column )?\S+ (set data )?type\b/.test(action)) rules.push('type')
    if (/^alter (column )?\S+ set not null\b/.test(action)) rules.push('not-null')
    if (/^alter (column )?\S+ drop default\b/.test(action)) rules.push('drop-default')
    if (/^add (column )?(?!constraint|primary|unique|check|foreign|exclude)/.test(action)) {
      const filled = /\bdefault\b|\bgenerated .* as identity\b/.test(action)
      if (/\bnot null\b|\bprimary key\b/.test(action) && !filled) rules.push('not-null')
      if (/\bgenerated always as \(/.test(action)) rules.push('type')
      if (/\bunique\b|\bprimary key\b/.test(action)) rules.push('index')
    }
    if (/^add (constraint \S+ )?(check|foreign key)\b/.test(action) && !/\bnot valid$/.test(action))
      rules.push('constraint')
    if (
      /^add (constraint \S+ )?(unique|primary key|exclude)\b/.test(action) &&
      !/\busing index\b/.test(action)
    )
      rules.push('index')
  }
  return rules
}

const NAME = '(?:if (?:not )?exists )?(?:only )?(?:public\\.)?"?([a-z_0-9]+)"?'

function createdTable(sql: string): string | undefined {
  return new RegExp(`^create (?:unlogged )?table ${NAME}`).exec(sql)?.[1]
}

function tableOf(sql: string): string | undefined {
  const patterns = [
    `^alter table ${NAME}`,
    `^update ${NAME}`,
    `^delete from ${NAME}`,
    `^create (?:unique )?index .*? on ${NAME}`,
  ]
  return patterns.map((pattern) => new RegExp(pattern).exec(sql)?.[1]).find((name) => name !== undefined)
}

/** `add column a int default f(1, 2), drop column b` -> its two parts: commas within brackets belong to a part. */
function actionsOf(sql: string): string[] {
  const rest = sql.replace(new RegExp(`^alter table ${NAME} `), '')
  const parts = ['']
  let depth = 0
  for (const letter of rest) {
    if (letter === '(') depth += 1
    if (letter === ')') depth -= 1
    if (letter === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.map((part) => part.trim())
}

interface Statement {
  /**
   * The statement in lower case, with one space between words, without comments, and with the contents of
   * texts and bodies cut out.
   */
  sql: string
  allowed: Set<string>
}

/** The body of a function runs when the function is called, not now, so the text between $$ is left out. */
function split(query: string): Statement[] {
  const parts = query
    .replaceAll(/(\$\w*\$)[\s\S]*?\1/g, "''")
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .split(';')
  return parts
    .map((part) => ({
      allowed: new Set([...part.matchAll(/--\s*allow ([a-z-]+):\s*\S+/g)].map((match) => match[1]!)),
      sql: part
        .replaceAll(/--[^\n]*/g, ' ')
        .replaceAll(/\/\*[\s\S]*?\*\//g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .toLowerCase(),
    }))
    .filter(({ sql }) => sql !== '')
}
