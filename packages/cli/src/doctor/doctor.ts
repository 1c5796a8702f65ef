import type { SleuthOptions } from '@sleuth/core'
import type { Io } from '../command.js'
import { BackAsker } from './ask-back.js'
import { checks } from './checks/index.js'
import type { Context } from './context.js'
import type { Heard } from './heard.js'
import { join } from './join.js'
import { listen } from './listener.js'
import { type Machine, thisMachine } from './machine.js'
import { isMesh, type Mesh } from './mesh.js'
import { joinOptions, nodeOptions } from './node-options.js'
import { Printer } from './print.js'
import { runCheck } from './run-check.js'

export interface DoctorOptions {
  readonly sleuth: SleuthOptions
  /** Further UDP ports to listen on. */
  readonly ports: readonly number[]
  /** Milliseconds to listen. */
  readonly wait: number
}

/** Runs every check, and prints what each finds. Resolves to 0, with warnings to 1, with failures to 2. */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const machine = thisMachine(options.sleuth, options.ports, io)
  let joining: Promise<Mesh | Error> | undefined
  let listening: Promise<Heard> | undefined
  const mesh = () => {
    joining ??= joinOrSay(options, machine, io.signal)
    return joining
  }
  const heard = () => {
    listening ??= listen(machine, options.wait, io.signal)
    return listening
  }
  const back = new BackAsker(() => joinOptions(options.sleuth, machine), io.signal)
  const context: Context = {
    ...machine,
    mesh,
    heard,
    askBack: (id) => back.ask(id),
  }
  const printer = new Printer(
    io,
    checks.map(({ name }) => name),
  )
  try {
    for (const check of checks) {
      printer.print(check.name, await runCheck(check, context, io.signal))
      // The port is free again. What others say is gathered while the next checks run.
      if (check.name === 'udp-port') void Promise.allSettled([mesh(), heard()])
    }
    printer.end()
    return printer.exitCode
  } finally {
    machine.probes.close()
    await back.close()
    const joined = await joining
    if (joined !== undefined && isMesh(joined)) await joined.close()
  }
}

async function joinOrSay(
  { sleuth, wait }: DoctorOptions,
  machine: Machine,
  signal: AbortSignal,
): Promise<Mesh | Error> {
  try {
    return await join(async () => nodeOptions(await joinOptions(sleuth, machine)), wait, signal)
  } catch (error) {
    return error as Error
  }
}
