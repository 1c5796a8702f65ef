// Callers that each wait for one answer before the next call. Arguments: contender, callers, ms, HTTP port, UDP port.
import { contenders } from './contenders.js'

const [name, callers, duration, httpPort, udpPort] = [process.argv[2], ...process.argv.slice(3).map(Number)]
const BODY = Buffer.alloc(128, 'x')
const WARM_UP_MS = 500

const { call, close } = await contenders[name]({ httpPort, udpPort, callers })
await loop(WARM_UP_MS)
const cpu = process.cpuUsage()
const started = performance.now()
const calls = await loop(duration)
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(cpu)
await close()
process.send({ perSecond: calls / seconds, cpuMicrosecondsPerCall: (user + system) / calls }, () =>
  process.disconnect(),
)

async function loop(ms) {
  const end = performance.now() + ms
  let calls = 0
  async function caller() {
    while (performance.now() < end) {
      const length = await call(BODY)
      if (length !== BODY.length) throw new Error(`${name} answered ${length} bytes`)
      calls++
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return calls
}
