// So many subscribers, which count what comes. Arguments: contender, port, subscribers.
import { serve } from './lib/echo.js'
import { eventContenders } from './lib/event-contenders.js'

const [port, subscribers] = process.argv.slice(3).map(Number)
let count = 0
const came = () => {
  count++
}
const closes = await eventContenders[process.argv[2]].subscribe({ port, subscribers, came })
serve({}, () => Promise.all(closes.map((close) => close())), { count: () => count })
