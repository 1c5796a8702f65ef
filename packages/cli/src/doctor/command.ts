import { isIPv4 } from 'node:net'
import type { Io } from '../command.js'
import { readDuration } from '../command-line/duration.js'
import { type NetworkValues, sleuthOptions } from '../options.js'
import { UsageError } from '../usage-error.js'
import { doctor } from './doctor.js'
import { runPair } from './pair/run.js'

export interface DoctorValues extends Partial<NetworkValues> {
  readonly wait?: string | undefined
  readonly ports: string
  readonly pair?: string | undefined
}

/** Reads the arguments of `sleuth doctor`. */
export async function run(
  { values, positionals }: { readonly values: DoctorValues; readonly positionals: readonly string[] },
  io: Io,
): Promise<number> {
  const sleuth = await sleuthOptions(values)
  const { pair: word, wait = word === undefined ? '3s' : '30s' } = values
  const time = readDuration('--wait', wait)
  const [address, ...more] = positionals
  if (word === undefined) {
    if (address !== undefined) throw new UsageError('an address is for --pair alone')
    return doctor({ sleuth, ports: portsOf(values.ports), wait: time }, io)
  }
  if (word === '') throw new UsageError('--pair needs a word, the same on both machines')
  if (more.length > 0 || (address !== undefined && !isIPv4(address))) {
    throw new UsageError('--pair takes one IPv4 address, that of the other machine')
  }
  return runPair({ sleuth, word, address, wait: time }, io)
}

/** `5670,5671`. Nothing: none. */
function portsOf(text: string): number[] {
  const ports = text.split(',').filter((part) => part.trim() !== '')
  return ports.map((part) => {
    const port = Number(part)
    if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port
    throw new UsageError(`--ports must be UDP ports divided by commas, and has "${part}"`)
  })
}
