import { render } from 'preact'
import { follow, get } from './api.ts'
import { liveFrom } from './live.ts'
import type { Place } from './router.ts'
import { enter, usePlace } from './router.ts'
import { begin, insideTelegram } from './telegram.ts'
import { Icon } from './icon.tsx'
import { Said } from './ui.tsx'
import { useSpoken } from './languages.ts'
import { words } from './words.ts'
import { Addresses } from './pages/addresses.tsx'
import { Friends } from './pages/friends.tsx'
import { Good } from './pages/good.tsx'
import { History } from './pages/history.tsx'
import { Home } from './pages/home.tsx'
import { Item } from './pages/item.tsx'
import { More } from './pages/more.tsx'
import { Order } from './pages/order.tsx'
import { Orders } from './pages/orders.tsx'
import { Payment } from './pages/payment.tsx'
import { ByHand } from './pages/by-hand.tsx'
import { Draw } from './pages/draw.tsx'
import { Picture } from './pages/picture.tsx'
import { Pictures } from './pages/pictures.tsx'
import { Plan, Plans } from './pages/plans.tsx'
import { Promo } from './pages/promo.tsx'
import { Purchase, Purchases } from './pages/purchases.tsx'
import { Request } from './pages/request.tsx'
import { Shelf } from './pages/shelf.tsx'
import { TopUp } from './pages/top-up.tsx'
import { Waiting } from './pages/waiting.tsx'

function Shown({ place, back }: { place: Place; back: boolean }) {
  switch (place.page) {
    case 'home':
      return <Home />
    case 'orders':
      return <Orders />
    case 'history':
      return <History />
    case 'good':
      return <Good kind={place.kind} back={back} key={place.kind} />
    case 'order':
      return <Order id={place.id} back={back} key={place.id} />
    case 'topUp':
      return <TopUp orderId={place.orderId} missing={place.sum} method={place.method} back={back} />
    case 'payment':
      return <Payment id={place.id} back={back} key={place.id} />
    case 'more':
      return <More />
    case 'promo':
      return <Promo back={back} />
    case 'friends':
      return <Friends back={back} />
    case 'plans':
      return <Plans back={back} />
    case 'plan':
      return <Plan code={place.code} back={back} key={place.code} />
    case 'waiting':
      return <Waiting id={place.id} back={back} key={place.id} />
    case 'addresses':
      return <Addresses back={back} />
    case 'byHand':
      return <ByHand orderId={place.orderId} missing={place.sum} back={back} />
    case 'request':
      return <Request id={place.id} back={back} key={place.id} />
    case 'shelf':
      return <Shelf category={place.category} back={back} key={place.category} />
    case 'item':
      return <Item id={place.id} back={back} key={place.id} />
    case 'purchases':
      return <Purchases back={back} />
    case 'purchase':
      return <Purchase id={place.id} back={back} key={place.id} />
    case 'pictures':
      return <Pictures back={back} />
    case 'draw':
      return <Draw from={place} back={back} />
    case 'picture':
      return <Picture id={place.id} back={back} key={place.id} />
  }
}

const BAR = [
  ['home', 'shop'],
  ['orders', 'orders'],
  ['history', 'history'],
  ['more', 'more'],
] as const

function App() {
  const { place, canGoBack } = usePlace()
  useSpoken()
  return (
    <>
      <Said />
      <Shown place={place} back={canGoBack && !insideTelegram} />
      <nav class="bar" aria-label={words().sections}>
        {BAR.map(([page, name]) => (
          <button
            type="button"
            key={page}
            aria-current={place.page === page ? 'page' : undefined}
            onClick={() => enter({ page })}
          >
            <Icon name={page} />
            {words()[name]}
          </button>
        ))}
      </nav>
    </>
  )
}

liveFrom({ get, follow })
begin()
document.title = words().shop
render(<App />, document.getElementById('app')!)
