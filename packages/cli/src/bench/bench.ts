import { aborted } from '../aborted.js'
import { readAddress } from '../call/address.js'
import { readRequest } from '../call/request.js'
import { selectionOf } from '../call/routing.js'
import { found } from '../call/wait.js'
import type { Arguments, Io } from '../command.js'
import { readCount, readDuration } from '../command-line/duration.js'
import { connect } from '../connect.js'
import { endedBy, exit } from '../exit-codes.js'
import { jsonLine } from '../output/text.js'
import { UsageError } from '../usage-error.js'
import { Load } from './load.js'
import type { benchOptions } from './options.js'
import { jsonOf, resultLines } from './result.js'

/** More would measure this program. */
const MOST_AT_A_TIME = 10_000

/** What `sleuth bench` does. An interrupt ends the load, and prints what there is. */
export async function runBench(
  { values, positionals }: Arguments<typeof benchOptions>,
  io: Io,
): Promise<number> {
  const { service, url } = readAddress(positionals[0], 'bench')
  if (positionals.length > 1)
    throw new UsageError(`bench takes one address, and not "${positionals[1]}" as well`)
  const concurrency = readCount('--concurrency', values.concurrency, MOST_AT_A_TIME)
  const wait = readDuration('--wait', values.wait)
  const which = selectionOf(values)
  const duration = readDuration('--duration', values.duration, 1)
  const calls = values.requests === undefined ? Infinity : readCount('--requests', values.requests)
  const data = values.body === undefined ? undefined : [values.body]
  const { method, headers, body } = await readRequest({ ...values, data }, io.stdin)
  const sleuth = await connect(values, io)
  try {
    await found(sleuth, service, wait, io.signal, which)
    // A service that is not there, and a path that is none, are told before there is a load.
    const call = (init?: { signal: AbortSignal }) =>
      sleuth.request(url, { method, headers, body: body as Buffer | undefined, ...which, ...init })
    await call({ signal: io.signal })
    if (!io.json) io.stderr.write(`${method} ${url}, ${concurrency} at a time\n`)
    const load = new Load(call, { calls, duration })
    const progress = showProgress(load, io)
    await Promise.race([load.run(concurrency), aborted(io.signal)])
    load.stop()
    progress.end()
    const result = load.result()
    io.stdout.write(io.json ? jsonLine(jsonOf(result)) : `${resultLines(result).join('\n')}\n`)
    if (io.signal.aborted) return endedBy(io.signal)
    return result.errors.size > 0 ? exit.failed : exit.ok
  } finally {
    await sleuth.close()
  }
}

/** A line of a terminal that is written again each second. */
function showProgress(load: Load, { isTTY, json, stderr }: Io): { end(): void } {
  if (!isTTY || json) return { end() {} }
  let last = 0
  const timer = setInterval(() => {
    stderr.write(`\r${load.calls} calls, ${load.calls - last}/s${REST_OF_LINE}\r`)
    last = load.calls
  }, 1000)
  return {
    end() {
      clearInterval(timer)
      stderr.write(REST_OF_LINE)
    },
  }
}

/** Erases what the line has behind the cursor. */
const REST_OF_LINE = '\u001b[K'
