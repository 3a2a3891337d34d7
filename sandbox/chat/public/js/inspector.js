import { on } from './bus.js'
import { h, replaceChildren } from './dom.js'
import { faultsPanel } from './faults.js'
import { guidePanel } from './guide.js'
import { pathPanel } from './path.js'
import { shopPanel } from './shop.js'
import { t } from './words.js'

const PANELS = { guide: guidePanel, path: pathPanel, faults: faultsPanel, shop: shopPanel }
const TITLES = { guide: 'tabGuide', path: 'tabPath', faults: 'tabFaults', shop: 'tabShop' }
let current = 'guide'

/** What happens behind the chat, in tabs. `reveal` brings it to the front where it is a sheet. */
export function inspector(reveal) {
  const panel = h('div', { class: 'panel', role: 'tabpanel', id: 'inspector-panel', tabindex: '0' })
  const tabs = Object.keys(PANELS).map((name) =>
    h(
      'button',
      {
        class: 'tab',
        type: 'button',
        role: 'tab',
        id: `tab-${name}`,
        'aria-controls': 'inspector-panel',
        onclick: () => show(name),
      },
      t(TITLES[name]),
    ),
  )
  const bar = h('div', { class: 'tabs', role: 'tablist', 'aria-label': t('inspector') }, tabs)
  let shown

  function show(name, detail) {
    current = name
    for (const tab of tabs) {
      const chosen = tab.id === `tab-${name}`
      tab.setAttribute('aria-selected', String(chosen))
      tab.tabIndex = chosen ? 0 : -1
    }
    panel.setAttribute('aria-labelledby', `tab-${name}`)
    shown?.stop()
    shown = PANELS[name](detail)
    replaceChildren(panel, shown.element)
    panel.scrollTop = 0
    shown.shown?.()
  }

  bar.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const names = Object.keys(PANELS)
    const next = names[(names.indexOf(current) + step + names.length) % names.length]
    show(next)
    bar.querySelector(`#tab-${next}`).focus()
  })
  const stopLight = on('light', (detail) => {
    reveal()
    show('path', detail)
  })
  show(current)
  return {
    element: h('div', { class: 'inspector' }, bar, panel),
    stop() {
      stopLight()
      shown?.stop()
    },
  }
}
