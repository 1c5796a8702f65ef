// Callers that each wait for one answer before the next call. Arguments: contender, callers, ms, bytes of body, JSON of what the server told.
import { contenders } from './contenders.js'

const [name, callers, duration, bytes, server] = [
  process.argv[2],
  ...process.argv.slice(3, 6).map(Number),
  JSON.parse(process.argv[6]),
]
const body = Buffer.alloc(bytes, 'x')
/** V8 compiles the code of a call while it runs: one caller alone needs some thousand calls until it is fast. */
const WARM_UP_MS = 1000
const WARM_UP_CALLS = 10_000
const MAX_WARM_UP_MS = 10_000

const { call, close } = await contenders[name]({ ...server, callers })
const warmUp = await warmedUp()
const cpu = process.cpuUsage()
const started = performance.now()
const calls = await loop(duration)
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage(cpu)
await close()
process.send(
  { perSecond: calls / seconds, cpuMicrosecondsPerCall: (user + system) / calls, calls: warmUp + calls },
  () => process.exit(),
)

async function warmedUp() {
  const start = performance.now()
  let calls = await loop(WARM_UP_MS)
  while (calls < WARM_UP_CALLS && performance.now() - start < MAX_WARM_UP_MS) calls += await loop(WARM_UP_MS)
  return calls
}

async function loop(ms) {
  const end = performance.now() + ms
  let calls = 0
  async function caller() {
    while (performance.now() < end) {
      const length = await call(body)
      if (length !== bytes) throw new Error(`${name} answered ${length} bytes`)
      calls++
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return calls
}
