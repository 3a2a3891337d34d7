import { UserError } from '#shared/errors.ts'
import { escapeHtml } from '#shared/i18n/format.ts'
import { idFrom } from '#shared/ids.ts'
import { reasonWords } from '#shop/mailings/card.ts'
import { plannedDraft, writeDraft } from '#shop/mailings/compose.ts'
import {
  countDraft,
  describeDraft,
  launchMailing,
  lookAtDraft,
  mayStart,
  mustBeDraft,
} from '#shop/mailings/launch.ts'
import { readMailing } from '#shop/mailings/mailings.ts'
import { draftPrint } from '#shop/mailings/drafts.ts'
import type { Mailing } from '#shop/mailings/mailings.ts'
import { mailingOf } from '#shop/mailings/moves.ts'
import { sendPreview, testersOf } from '#shop/mailings/preview.ts'
import type { PanelAdmin } from '../admin.ts'
import { panelForm, wrongField } from '../form.ts'
import type { Given } from '../form.ts'
import { mailingFields, mailingNames, typedMailing } from './mailing-fields.ts'

/** What the draft would become, in the lines of its page. */
async function look(admin: PanelAdmin, given: Given, old?: Mailing): Promise<string[]> {
  const typed = await typedMailing(admin, given, old)
  const { kept, fresh, options } = await plannedDraft(admin, typed, old)
  const contents = {
    ...kept,
    ...Object.fromEntries(
      Object.entries(fresh).map(([language, { text }]) => [
        language,
        { text, media: [], buttons: typed.buttons, sources: {} },
      ]),
    ),
  }
  const { action = 'send', parentId = null, bot = admin.bot.name } = old ?? {}
  const would = { ...typed, options, contents, action, parentId, bot }
  return [
    ...describeDraft(admin, would, await lookAtDraft(admin, would)),
    ...(Object.keys(fresh).length > 0 ? [admin.t('panel-mailing-shows')] : []),
  ]
}

const saved = ({ t }: PanelAdmin, id: string) => ({ said: t('panel-mailing-saved'), opens: `mailing/${id}` })

const make = panelForm({
  at: '/forms/mailing',
  as: 'b-new',
  minimum: 'admin',
  act: 'panel-mailing-save',
  names: mailingNames,
  async show(admin) {
    const { t } = admin
    return {
      title: t('broadcast-new'),
      hint: t('panel-mailing-hint'),
      fields: await mailingFields(admin),
      links: [[t('panel-to-mailings'), 'mailings']],
    }
  },
  look: (admin, given) => look(admin, given),
  async save(admin, given, form) {
    const id = idFrom('panel-mailing', admin.bot.name, admin.personId, form)
    if (!(await readMailing(admin.app.db, id))) await writeDraft(admin, id, await typedMailing(admin, given))
    return saved(admin, id)
  },
})

const links = ({ t }: PanelAdmin, id: string): [string, string][] => [
  [t('panel-to-mailing'), `mailing/${id}`],
  [t('panel-to-mailings'), 'mailings'],
]

const change = panelForm({
  at: '/mailings/:id/edit',
  as: 'b-content',
  minimum: 'admin',
  act: 'panel-mailing-save',
  names: mailingNames,
  async show(admin, { id = '' }) {
    const mailing = await mustBeDraft(admin, id)
    return {
      title: admin.t(`broadcast-title-${mailing.action}`),
      hint: admin.t('panel-mailing-hint'),
      fields: await mailingFields(admin, mailing),
      links: links(admin, id),
    }
  },
  look: async (admin, given) => look(admin, given, await mustBeDraft(admin, given['id'] ?? '')),
  async save(admin, given) {
    const { id = '', print = '' } = given
    await writeDraft(admin, id, await typedMailing(admin, given, await mustBeDraft(admin, id)), print)
    return saved(admin, id)
  },
})

/** Copies of the draft for whoever asks or for all admins; asked twice, they come twice, as in the chat. */
const tests = panelForm({
  at: '/mailings/:id/test',
  as: 'b-test',
  minimum: 'admin',
  act: 'panel-mailing-test-do',
  names: { whom: 10 },
  async show(admin, { id = '' }) {
    const { t } = admin
    await mustBeDraft(admin, id)
    return {
      title: t('panel-mailing-test'),
      hint: t('panel-mailing-test-hint'),
      fields: [
        {
          name: 'whom',
          kind: 'choice',
          value: 'me',
          options: [
            ['me', t('panel-mailing-to-me')],
            ['all', t('panel-mailing-to-all')],
          ],
        },
      ],
      links: links(admin, id),
    }
  },
  async look(admin, given) {
    await mustBeDraft(admin, given['id'] ?? '')
    return [admin.t('panel-mailing-test-look', { count: (await readersOf(admin, given)).length })]
  },
  async save(admin, given) {
    const { id = '' } = given
    const readers = await readersOf(admin, given)
    const said = await sendPreview(admin, await mustBeDraft(admin, id), readers)
    return { said, opens: `mailing/${id}` }
  },
})

async function readersOf(admin: PanelAdmin, given: Given): Promise<bigint[]> {
  const { whom } = given
  if (whom === 'me') return [admin.personId]
  if (whom === 'all') return await testersOf(admin)
  throw wrongField(admin, 'whom')
}

/** Reads the count of people and the print of the draft to which the admin agreed. @throws UserError `panel.form` */
function agreedIn(given: Given) {
  const [, count, print] = /^(\d{1,12})\.([\w-]{8})$/.exec(given['agreed'] ?? '') ?? []
  if (count === undefined || print === undefined) throw new UserError('panel.form')
  return { count: Number(count), print }
}

/** What readers get: each text with its keys below. */
const wordsOf = ({ t }: PanelAdmin, { contents }: Mailing): string[] =>
  Object.entries(contents).flatMap(([language, { text, buttons }]) => [
    ...(language === '' ? [] : [`${t(`broadcast-in-${language}`)}:`]),
    text === undefined ? t('panel-mailing-media') : escapeHtml(text),
    ...buttons.map((row) => row.map((key) => `[ ${escapeHtml(key.text)} ]`).join(' ')),
    '',
  ])

const start = panelForm({
  at: '/mailings/:id/start',
  as: 'b-start',
  minimum: 'admin',
  confirmed: true,
  act: 'panel-mailing-start',
  names: { agreed: 30 },
  async show(admin, { id = '' }) {
    const { t } = admin
    const mailing = await mustBeDraft(admin, id)
    const count = await countDraft(admin, mailing)
    const reason = mailing.reason && reasonWords(admin.texts, admin.language, mailing.reason)
    return {
      title: t(`broadcast-title-${mailing.action}`),
      hint: [...wordsOf(admin, mailing), ...(reason ? [reason] : [])].join('\n').trim(),
      fields: [{ name: 'agreed', kind: 'kept', value: `${count}.${draftPrint(mailing)}` }],
      links: [
        [t('panel-mailing-edit'), `mailing-edit/${id}`],
        [t('panel-mailing-test'), `mailing-test/${id}`],
        [t('panel-to-mailings'), 'mailings'],
      ],
    }
  },
  async look(admin, given) {
    const mailing = await mustBeDraft(admin, given['id'] ?? '')
    const agreed = agreedIn(given)
    await mayStart(admin, mailing, agreed)
    return describeDraft(admin, mailing, { count: agreed.count, isGuess: false })
  },
  async save(admin, given) {
    const { id = '' } = given
    const { app, bot, t } = admin
    const started = await launchMailing(admin, id, agreedIn(given))
    // A second press gets the same answer as the first one.
    const { state } = await mailingOf(app.db, bot.name, id)
    if (!started && state === 'cancelled') throw new UserError('panel.moved')
    return { said: t('panel-mailing-started'), opens: 'mailings' }
  },
})

export const mailingForms = [...make, ...change, ...tests, ...start]
