import { bad } from '../errors.ts'
import { int, required, text, type Obj } from '../params.ts'
import { seconds, type Stored } from '../store.ts'
import type { Call, Method } from './call.ts'
import { deliver } from './deliver.ts'
import { change, found } from './edit.ts'

/** "Bot API", sendLocation: 60 s to a day, or this number for a location without an end. */
const ENDLESS = 0x7fffffff
const LIVE_S = { least: 60, most: 86_400 }

function coordinate(call: Call, name: string, most: number): number {
  const value = Number(required(call.p, name))
  if (!(Math.abs(value) <= most)) throw bad('invalid location specified')
  return value
}

function locationOf(call: Call): Obj {
  const { p } = call
  const accuracy = Number(text(p, 'horizontal_accuracy') ?? 0)
  const heading = int(p, 'heading')
  const radius = int(p, 'proximity_alert_radius')
  if (Number.isNaN(accuracy)) throw bad('invalid horizontal accuracy specified')
  if (radius < 0 || radius > 100_000) throw bad('wrong live location proximity alert radius specified')
  return {
    latitude: coordinate(call, 'latitude', 90),
    longitude: coordinate(call, 'longitude', 180),
    ...(accuracy && { horizontal_accuracy: accuracy }),
    ...(heading && { heading }),
    ...(radius && { proximity_alert_radius: radius }),
  }
}

function livePeriod({ p }: Call): Obj {
  const period = int(p, 'live_period')
  if (period === 0) return {}
  if (period !== ENDLESS && (period < LIVE_S.least || period > LIVE_S.most))
    throw bad('wrong live location period specified')
  return { live_period: period }
}

export const locationContent = (call: Call): Obj => ({
  location: { ...locationOf(call), ...livePeriod(call) },
})

const sendLocation: Method = (call) => deliver(call, locationContent(call))

export function venueContent(call: Call): Obj {
  const location = {
    latitude: coordinate(call, 'latitude', 90),
    longitude: coordinate(call, 'longitude', 180),
  }
  const title = required(call.p, 'title')
  return { venue: { location, title, address: required(call.p, 'address') }, location }
}

const sendVenue: Method = (call) => deliver(call, venueContent(call))

/** @throws bad where the location is of one moment, or its time is over */
function live(call: Call, stored: Stored): Obj {
  const location = stored.api['location'] as Obj | undefined
  const period = Number(location?.['live_period'] ?? 0)
  const isOver = period !== ENDLESS && (stored.api['date'] as number) + period < seconds(call.world)
  if (!location || period === 0 || isOver) throw bad("message can't be edited")
  return location
}

const editMessageLiveLocation: Method = (call) => {
  const location = locationOf(call)
  const { place, stored } = found(call)
  const { live_period: period } = live(call, stored)
  return change(call, place, stored, ['location'], {
    location: { ...location, live_period: period, ...livePeriod(call) },
  })
}

/** The message keeps the last place, and moves no more. */
const stopMessageLiveLocation: Method = (call) => {
  const { place, stored } = found(call)
  const { live_period: _, heading: __, proximity_alert_radius: ___, ...last } = live(call, stored)
  return change(call, place, stored, ['location'], { location: last })
}

export const location: Record<string, Method> = {
  sendLocation,
  sendVenue,
  editMessageLiveLocation,
  stopMessageLiveLocation,
}
