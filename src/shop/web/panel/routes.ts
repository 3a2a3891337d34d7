import { panelHomeRoutes } from './home.ts'
import type { PanelRoute } from './route.ts'
import { sessionRoutes } from './session-routes.ts'

/** Every request of the panel. */
export const panelRoutes: readonly PanelRoute[] = [...sessionRoutes, ...panelHomeRoutes]
