import { actRoutes } from './acts.ts'
import { panelHomeRoutes } from './home.ts'
import { categoryForms } from './forms/categories.ts'
import { itemFillForms } from './forms/item-fills.ts'
import { itemForms } from './forms/items.ts'
import { mailingForms } from './forms/mailings.ts'
import { peopleForms } from './forms/people.ts'
import { planForms } from './forms/plans.ts'
import { promoForms } from './forms/promo.ts'
import { partRoutes } from './health.ts'
import { itemFileRoutes } from './item-file.ts'
import { ordersList, paymentsList, requestsList } from './lists/money.ts'
import { mailingsList, rolesList } from './lists/own.ts'
import { peopleList } from './lists/people.ts'
import { categoriesList, itemsList, plansList, promoList } from './lists/sales.ts'
import { correctionsList, servicesList } from './lists/waiting.ts'
import { auditList, lettersList } from './lists/work.ts'
import { orderRoutes } from './orders.ts'
import { questionRoutes, questionsList } from './questions.ts'
import { pageRoutes } from './pages.ts'
import type { PanelRoute } from './route.ts'
import { settingRoutes } from './settings.ts'
import { statsRoutes } from './stats.ts'
import { sessionRoutes } from './session-routes.ts'

/** Every request of the panel. */
export const panelRoutes: readonly PanelRoute[] = [
  ...sessionRoutes,
  ...panelHomeRoutes,
  ...requestsList,
  ...paymentsList,
  ...correctionsList,
  ...servicesList,
  ...ordersList,
  ...peopleList,
  ...questionsList,
  ...lettersList,
  ...auditList,
  ...mailingsList,
  ...promoList,
  ...plansList,
  ...itemsList,
  ...categoriesList,
  ...rolesList,
  ...partRoutes,
  ...pageRoutes,
  ...orderRoutes,
  ...questionRoutes,
  ...actRoutes,
  ...settingRoutes,
  ...statsRoutes,
  ...peopleForms,
  ...promoForms,
  ...planForms,
  ...itemForms,
  ...itemFillForms,
  ...categoryForms,
  ...itemFileRoutes,
  ...mailingForms,
]
