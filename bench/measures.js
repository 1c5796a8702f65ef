// Measures that do not depend on how fast the machine is just now: counts, and one ratio of CPU time.
import { ask, end, run, start } from './lib/child.js'
import { difference } from './lib/counters.js'
import { median } from './lib/stats.js'

const CALLERS = [1, 16, 64, 256]
const CALLS = 1000
/** Room for all that 1,000 calls allocate, so that nothing is collected meanwhile. */
const EXACT = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256']
const SEND_COUNTER = ['--import', new URL('lib/count-sends.js', import.meta.url).href]
const COPY_COUNTER = ['--import', new URL('lib/count-copies.js', import.meta.url).href]

/** All measures of one checkout; `undefined` is this one. */
export async function measuresOf(checkout, nextPort, rounds) {
  return {
    paths: await run('path.js', [nextPort()], { checkout }),
    calls: await callsOf(checkout, nextPort(), rounds),
    copies: await copiesOf(checkout, nextPort),
  }
}

/** Bytes allocated, and what is sent, at each end: an echo of 128 bytes by a bare handler. */
function callsOf(checkout, port, rounds) {
  const options = { checkout, execArgv: [...EXACT, ...SEND_COUNTER] }
  return withPair('bare', 'sleuth request', port, options, async (measure) => {
    const rows = []
    for (const callers of CALLERS) {
      const work = { calls: CALLS, callers, bytes: 128 }
      for (let times = 0; times < 5; times++) await measure(work)
      const samples = await uncollected(rounds, () => measure(work))
      const row = { callers }
      for (const side of ['client', 'server']) {
        const usual = (key) => median(samples.map((sample) => sample[side][key])) / CALLS
        row[side] = {
          allocated: usual('allocated'),
          sends: usual('sends') * 1000,
          frames: usual('frames') * 1000,
          writes: usual('writes') * 1000,
          sentBytes: usual('sentBytes'),
        }
      }
      rows.push(row)
    }
    return rows
  })
}

/** So many samples within which nothing was collected: only then bytes allocated are counted exactly. */
async function uncollected(rounds, measure) {
  const samples = []
  for (let times = 0; samples.length < rounds; times++) {
    if (times === 3 * rounds)
      throw new Error('Memory is collected within the measures: make the young generation larger.')
    const sample = await measure()
    if (sample.client.collections + sample.server.collections === 0) samples.push(sample)
  }
  return samples
}

/** Copies that JavaScript makes of each byte of a body, which goes up or down. */
async function copiesOf(checkout, nextPort) {
  const options = { checkout, execArgv: ['--expose-gc', ...COPY_COUNTER] }
  const rows = []
  for (const way of ['up', 'down']) {
    await withPair('sized', `sleuth ${way}`, nextPort(), options, async (measure) => {
      for (const bytes of [64 * 1024, 1024 * 1024]) {
        const work = { calls: 50, callers: 1, bytes }
        await measure(work)
        const { client, server } = await measure(work)
        const share = ({ copiedBytes }) => copiedBytes / (work.calls * bytes)
        rows.push({ way, bytes, client: share(client), server: share(server) })
      }
    })
  }
  return rows
}

/** Two processes, and a function that makes calls from one to the other and gives what both counted. */
async function withPair(app, contender, port, options, use) {
  const server = await start(`servers/${app}.js`, [port], options)
  try {
    const told = { udpPort: port, ...server.ready }
    const client = await start('caller.js', [contender, JSON.stringify(told)], options)
    try {
      return await use(async (work) => {
        const before = await ask(server, 'collect')
        const counted = await ask(client, 'calls', work)
        return { client: counted, server: difference(before, await ask(server, 'snapshot')) }
      })
    } finally {
      await end(client)
    }
  } finally {
    await end(server)
  }
}
