import type { SleuthOptions } from '@sleuth/core'
import type { Io } from '../../command.js'
import type { Check } from '../check.js'
import { hearOurselves } from '../checks/hear-ourselves.js'
import { networkInterface } from '../checks/interface.js'
import { udpPort } from '../checks/udp-port.js'
import { thisMachine } from '../machine.js'
import { Printer } from '../print.js'
import { pair } from './pair.js'

export interface RunOptions {
  readonly sleuth: SleuthOptions
  readonly word: string
  readonly address: string | undefined
  /** Milliseconds to wait for the other machine. */
  readonly wait: number
}

/** What must be right before two machines can be compared. */
const first = [networkInterface, udpPort, hearOurselves]

/** `sleuth doctor --pair`: resolves to the exit code. */
export async function runPair({ sleuth, word, address, wait }: RunOptions, io: Io): Promise<number> {
  const machine = thisMachine(sleuth, [], io)
  const { settings, network, probes } = machine
  const printer = new Printer(io, [...first.map(({ name }) => name), 'pair'])
  try {
    for (const check of first)
      printer.print(check.name, await check.run(machine as Parameters<Check['run']>[0]))
    if (network instanceof Error || (await probes.bindUdp(settings.port)) !== undefined)
      return printer.exitCode
    if (io.isTTY) io.stderr.write(`Now run sleuth doctor --pair ${word} on the other machine …\n`)
    const tcpPort = settings.discovery?.listen.port ?? settings.port
    printer.print(
      'pair',
      await pair({ word, network, port: settings.port, tcpPort, address, wait, signal: io.signal }),
    )
    printer.end()
    return printer.exitCode
  } finally {
    probes.close()
  }
}
