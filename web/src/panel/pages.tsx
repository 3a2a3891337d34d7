import type { ComponentChildren } from 'preact'
import type { MeAnswer } from '../../../src/shop/web/panel/session-routes.ts'
import { Deal } from './pages/deal.tsx'
import { Form } from './pages/form.tsx'
import { Find } from './pages/find.tsx'
import { Health } from './pages/health.tsx'
import { Home } from './pages/home.tsx'
import { ItemFile } from './pages/item-file.tsx'
import { List } from './pages/list.tsx'
import { Person } from './pages/person.tsx'
import { Setting } from './pages/setting.tsx'
import { Settings } from './pages/settings.tsx'
import { Sessions } from './pages/sessions.tsx'
import { Stats } from './pages/stats.tsx'
import { PanelPage } from './parts.tsx'
import type { Place } from './router.ts'
import { say } from './words.ts'

const ROLES = ['read-only', 'support', 'admin', 'owner']
/** A page that a lesser role may not see is not offered to it. The shop checks the role all the same. */
const allows = (me: MeAnswer, minimum: string) => ROLES.indexOf(me.role) >= ROLES.indexOf(minimum)

/**
 * The pages in the order in which they stand at the side. A new page needs its file, its line here and its line in
 * `shown`.
 */
export function sections(me: MeAnswer): [page: string, title: string][] {
  const w = say()
  return [
    ['', w.home],
    ['find', w.find],
    ['stats', w.stats],
    ['requests', w.requests],
    ['payments', w.payments],
    ['orders', w.orders],
    ...(allows(me, 'admin')
      ? ([
          ['services', w.services],
          ['corrections', w.corrections],
        ] as [string, string][])
      : []),
    ['people', w.people],
    ...(allows(me, 'support')
      ? ([
          ['questions', w.questions],
          ['letters', w.letters],
        ] as [string, string][])
      : []),
    ['audit', w.audit],
    ...(allows(me, 'admin')
      ? ([
          ['mailings', w.mailings],
          ['promo', w.promo],
          ['plans', w.plans],
          ['items', w.items],
          ['categories', w.categories],
        ] as [string, string][])
      : []),
    ['health', w.health],
    ...(allows(me, 'owner') ? [['roles', w.roles] as [string, string]] : []),
    ...(allows(me, 'admin') ? [['settings', w.settings] as [string, string]] : []),
    ['sessions', w.sessions],
  ]
}

/** The pages that are reached from a section and have no line of their own at the side. */
const WITHIN: Readonly<Record<string, string>> = {
  payment: 'payments',
  order: 'orders',
  person: 'people',
  adjust: 'people',
  mailing: 'mailings',
  'mailing-edit': 'mailings',
  'mailing-test': 'mailings',
  plan: 'plans',
  item: 'items',
  stock: 'items',
  content: 'items',
  file: 'items',
  chat: 'items',
  category: 'categories',
  role: 'roles',
}

/** The section in which a page stands: the form `new/plan` stands where plans do. */
export function sectionOf({ page, id }: Place): string {
  const thing = page === 'new' ? id : page
  return WITHIN[thing] ?? thing
}

export function shown(place: Place, me: MeAnswer): ComponentChildren {
  const { page, id } = place
  switch (page) {
    case '':
      return <Home me={me} />
    case 'find':
      return <Find place={place} />
    case 'requests':
    case 'payments':
    case 'orders':
    case 'people':
    case 'services':
    case 'corrections':
    case 'questions':
    case 'letters':
    case 'audit':
    case 'mailings':
    case 'promo':
    case 'plans':
    case 'items':
    case 'categories':
    case 'roles':
      return <List key={page} place={place} />
    case 'new':
      return <Form key={id} at={`/forms/${id}`} given={place.filters} />
    case 'adjust':
      return <Form key={id} at={`/people/${id}/adjust`} />
    case 'plan':
      return <Form key={id} at={`/plans/${id}/edit`} />
    case 'item':
      return <Form key={id} at={`/items/${id}/edit`} />
    case 'stock':
      return <Form key={id} at={`/items/${id}/stock`} fromFile />
    case 'content':
      return <Form key={id} at={`/items/${id}/content`} />
    case 'file':
      return <ItemFile key={id} id={id} />
    case 'chat':
      return <Form key={id} at={`/items/${id}/chat`} />
    case 'category':
      return <Form key={id} at={`/categories/${id}/edit`} />
    case 'mailing':
      return <Form key={id} at={`/mailings/${id}/start`} />
    case 'mailing-edit':
      return <Form key={id} at={`/mailings/${id}/edit`} />
    case 'mailing-test':
      return <Form key={id} at={`/mailings/${id}/test`} />
    case 'person':
      return <Person key={id} id={id} />
    case 'payment':
      return <Deal key={id} kind="payments" id={id} />
    case 'order':
      return <Deal key={id} kind="orders" id={id} />
    case 'stats':
      return <Stats place={place} />
    case 'health':
      return <Health />
    case 'settings':
      return id === '' ? <Settings place={place} /> : <Setting key={id} id={id} />
    case 'sessions':
      return <Sessions />
    default:
      return (
        <PanelPage title={say().nothing}>
          <p>{say().nothingHint}</p>
        </PanelPage>
      )
  }
}
