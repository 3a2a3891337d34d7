import { sql as q } from 'kysely'
import { escapeHtml } from '#shared/i18n/format.ts'
import { isAsset } from '#shared/money.ts'
import { among } from '#shared/owners.ts'
import { keysOf } from '#shared/settings/settings.ts'
import type { Chat } from '#workers/bot/chat.ts'
import type { Feature } from '#workers/bot/feature.ts'
import { back, button, show } from '#workers/bot/screen.ts'
import { title } from '#workers/bot/settings/setting-scope.ts'
import { shorten } from '#shared/storable.ts'

const PAGE = 8

/** Who did what: the audit log, which nobody can change. */
export const journal: Feature = {
  adminButtons: { 'a-journal': showJournal },
  minimumRole: { 'a-journal': 'read-only' },
  admin: { sections: [{ text: 'admin-section-journal', route: 'a-journal', minimum: 'read-only' }] },
}

interface Line {
  id: bigint
  at: Date
  bot: string | null
  actor: bigint | null
  name: string | null
  action: string
  target: string
  details: Record<string, unknown>
}

async function showJournal(chat: Chat, [before = '']: string[]): Promise<void> {
  const served = await chat.served()
  const lines = await chat.app.db.rows(q<Line>`
    select a.id, a.at, a.bot, a.actor_id as actor, p.first_name as name, a.action, a.target, a.details
    from audit_log a left join persons p on p.id = a.actor_id
    where ${before === '' ? q`true` : q`a.id < ${before}::bigint`}
      and (${among(q`a.bot`, served)} or a.bot is null) order by a.id desc limit ${PAGE + 1}`)
  const shown = lines.slice(0, PAGE)
  await show(chat, {
    text: [
      chat.t('journal-title'),
      '',
      ...(shown.length > 0 ? shown.map((line) => describe(chat, line)) : [chat.t('journal-empty')]),
    ].join('\n'),
    keyboard: [
      ...(lines.length > PAGE
        ? [[button(chat, chat.t('history-older'), ['a-journal', String(shown.at(-1)!.id)])]]
        : []),
      back(chat, 'admin'),
    ],
  })
}

function describe(chat: Chat, line: Line): string {
  const key = `audit-${line.action.replaceAll('.', '-')}`
  const action = chat.app.texts.has(chat.language, key) ? chat.t(key) : escapeHtml(line.action)
  const who = escapeHtml(line.name || String(line.actor ?? '—'))
  const details = detailsOf(chat, line).join(', ')
  const more = details ? `\n<i>${escapeHtml(shorten(details, 160))}</i>` : ''
  const setting =
    /^setting (\S+)$/.exec(line.target)?.[1] ?? (line.action.startsWith('setting') ? line.target : '')
  const entry = Object.values(chat.settingGroups)
    .flat()
    .find(({ type }) => keysOf(type).includes(setting))
  const target = entry ? `«${title(chat, entry)}»` : targetOf(chat, shorten(line.target, 60))
  return `${chat.time(line.at)} · <b>${who}</b> · ${action} · ${escapeHtml(target)}${more}`
}

/** What it was done to: `person 1002` in the reader's language. */
function targetOf(chat: Chat, target: string): string {
  const [, kind = '', id = ''] = /^(person|payment|broadcast|export|job) (.+)$/.exec(target) ?? []
  if (!kind) return target
  return chat.t(`journal-${kind}`, { id: kind === 'export' ? chat.t(`export-${id}`) : id })
}

const detailName = (chat: Chat, name: string): string =>
  chat.app.texts.has(chat.language, `journal-detail-${name}`) ? chat.t(`journal-detail-${name}`) : name

/** A job goes by its name; the rest as it was written down. */
function detailValue(chat: Chat, name: string, value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value)
  const key = `job-${value.replaceAll('.', '-')}`
  return name === 'job' && chat.app.texts.has(chat.language, key) ? chat.t(key) : value
}

/** A sum as people write it; whoever asked is told where somebody else decided; the rest but numbers of our own as it is. */
function detailsOf(chat: Chat, { details, actor }: Line): string[] {
  const { asset, amount, askedBy, adjustment: _, update: _number, ...rest } = details
  const sum = typeof asset === 'string' && isAsset(asset) && /^-?\d{1,18}$/.test(String(amount))
  return [
    ...(sum ? [chat.signed(BigInt(String(amount)), asset)] : []),
    ...Object.entries({ ...(!sum && { asset, amount }), ...rest })
      .filter(([, value]) => value !== undefined && value !== null && value !== '')
      .map(([name, value]) =>
        name === 'reason'
          ? `«${String(value)}»`
          : `${detailName(chat, name)}: ${detailValue(chat, name, value)}`,
      ),
    ...(typeof askedBy === 'string' && askedBy !== String(actor)
      ? [chat.t('journal-asked', { by: askedBy })]
      : []),
  ]
}
