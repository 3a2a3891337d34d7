import { on } from './bus.js'
import { h, replaceChildren } from './dom.js'
import { extra } from './extra.js'
import { faultsPanel } from './faults.js'
import { pathPanel } from './path.js'
import { t } from './words.js'

const OWN = {
  path: { title: 'tabPath', panel: pathPanel },
  faults: { title: 'tabFaults', panel: faultsPanel },
}
let current

/** What happens behind the chat, in tabs. `reveal` brings it to the front where it is a sheet. */
export function inspector(reveal) {
  const panel = h('div', { class: 'panel', role: 'tabpanel', id: 'inspector-panel', tabindex: '0' })
  const all = extra.tabs(OWN)
  const names = Object.keys(all)
  current ??= names[0]
  const tabs = names.map((name) =>
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
      t(all[name].title),
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
    shown = all[name].panel(detail)
    replaceChildren(panel, shown.element)
    panel.scrollTop = 0
    shown.shown?.()
  }

  bar.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
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
