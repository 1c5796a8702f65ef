// Calls that arrive by chance (Poisson), whether those before are answered or not; latency counts from when a call was due.
// Arguments: contender, calls a second, ms, JSON of what the server told.
import { contenders } from './contenders.js'
import { percentile } from './lib/stats.js'

const [name, rate, duration, server] = [
  process.argv[2],
  ...process.argv.slice(3, 5).map(Number),
  JSON.parse(process.argv[5]),
]
const body = Buffer.alloc(128, 'x')
/** More than these in flight, and the contender has lost the race: the rest is not sent, and counted. */
const MOST_IN_FLIGHT = 20_000

const { call, close } = await contenders[name]({ ...server, callers: 256 })
const warmUp = await loop(1000)
const cpu = process.cpuUsage()
const { latencies, missed } = await loop(duration)
const { user, system } = process.cpuUsage(cpu)
await close()
latencies.sort((a, b) => a - b)
const at = (share) => percentile(latencies, share)
const cpuMicrosecondsPerCall = (user + system) / latencies.length
process.send(
  {
    p50: at(0.5),
    p99: at(0.99),
    p999: at(0.999),
    calls: warmUp.latencies.length + latencies.length,
    missed,
    cpuMicrosecondsPerCall,
  },
  () => process.exit(),
)

async function loop(ms) {
  const latencies = []
  const started = performance.now()
  let due = started
  let missed = 0
  let inFlight = 0
  while (due < started + ms) {
    const now = performance.now()
    for (; due <= now; due += (-Math.log(1 - Math.random()) * 1000) / rate) {
      if (inFlight >= MOST_IN_FLIGHT) {
        missed++
        continue
      }
      const from = due
      inFlight++
      call(body).then(
        () => {
          latencies.push(performance.now() - from)
          inFlight--
        },
        () => {
          missed++
          inFlight--
        },
      )
    }
    // Not without a pause: that would take a core from those who are measured.
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const patience = performance.now() + 5000
  while (inFlight > 0 && performance.now() < patience) await new Promise((resolve) => setTimeout(resolve, 5))
  return { latencies, missed: missed + inFlight }
}
