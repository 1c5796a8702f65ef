// Emits events of 128 bytes for as many ms as it is asked to. Arguments: contender, port, subscribers.
import { serve } from './lib/echo.js'
import { eventContenders } from './lib/event-contenders.js'

const [port, subscribers] = process.argv.slice(3).map(Number)
const data = { text: 'x'.repeat(128 - JSON.stringify({ text: '' }).length) }
const { emit, close } = await eventContenders[process.argv[2]].emitter({ port, subscribers })

async function loop(ms) {
  const end = performance.now() + ms
  let emitted = 0
  while (performance.now() < end) {
    await emit(data)
    emitted++
  }
  return emitted
}

serve({}, close, { emit: loop })
