// Makes as many calls as it is told, and tells what they cost this end. Arguments: contender, JSON of what the server told.
import { contenders } from './contenders.js'
import { collect, difference, snapshot } from './lib/counters.js'
import { serve } from './lib/echo.js'

const [name, server] = [process.argv[2], JSON.parse(process.argv[3])]
const { call, close } = await contenders[name]({ ...server, callers: 256 })

serve({}, close, {
  async calls({ calls, callers, bytes }) {
    const body = Buffer.alloc(bytes, 'x')
    let left = calls
    async function caller() {
      while (left-- > 0) await call(body)
    }
    const before = await collect()
    await Promise.all(Array.from({ length: callers }, caller))
    return difference(before, await snapshot())
  },
})
