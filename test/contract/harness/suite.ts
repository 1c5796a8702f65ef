import { after, describe, test } from 'node:test'
import { contract } from '../cases/index.js'
import type { Framework } from './case.js'
import { type Host, start } from './framework.js'
import { compareCase, differenceOn, suits } from './run.js'

interface HostOptions {
  /** What makes the app a service, if it is not the adapter of the framework. */
  readonly host?: Host
  /** Cases in which this host, or this version of the framework, answers HTTP in another way: sleuth has to give the same. */
  readonly otherwise?: readonly string[]
  /** Cases that HTTP itself does not get through. */
  readonly without?: readonly string[]
}

/** Registers the contract of one framework with `node:test`: every case, over every wire, against real HTTP. */
export async function suite(
  framework: Framework,
  { host = framework, otherwise = [], without = [] }: HostOptions = {},
): Promise<void> {
  const { http, wires, close } = await start(framework, host)
  after(close)
  for (const wire of wires) {
    describe(`${host} over ${wire.name}`, () => {
      for (const { name, cases } of contract[framework]) {
        describe(name, () => {
          const present = cases.filter(
            (candidate) => suits(candidate, wire) && !without.includes(candidate.name),
          )
          for (const one of present) {
            const difference = differenceOn(one, wire)
            const name = difference ? `${one.name} (differs: ${difference.why})` : one.name
            const asHttp = otherwise.includes(one.name)
            test(name, () => compareCase(asHttp ? { ...one, asHttp } : one, framework, http, wire))
          }
        })
      }
    })
  }
}
