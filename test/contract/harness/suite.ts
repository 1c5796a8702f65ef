import { after, describe, test } from 'node:test'
import { contract } from '../cases/index.js'
import type { Case, Difference, Framework } from './case.js'
import { type Host, start } from './framework.js'
import { compareCase, differenceOn, suits } from './run.js'

interface HostOptions {
  /** What makes the app a service, if it is not the adapter of the framework. */
  readonly host?: Host
  /** Cases in which this host, or this version of the framework, answers HTTP in another way: sleuth has to give the same. */
  readonly otherwise?: readonly string[]
  /** Cases in which a call over sleuth is answered in another way than over the HTTP of this host. */
  readonly differs?: Readonly<Record<string, Difference>>
  /** Cases that HTTP itself does not get through. */
  readonly without?: readonly string[]
  /** On a closed network, in both ways that calls go there. */
  readonly keys?: boolean
}

/** Registers the contract of one framework with `node:test`: every case, over every wire, against real HTTP. */
export async function suite(
  framework: Framework,
  { host = framework, otherwise = [], differs = {}, without = [], keys = false }: HostOptions = {},
): Promise<void> {
  const here = (one: Case): Case => {
    return { ...one, asHttp: otherwise.includes(one.name), sleuth: differs[one.name] ?? one.sleuth }
  }
  const groups = contract[framework].map(({ name, cases }) => {
    return { name, cases: cases.filter((one) => !without.includes(one.name)).map(here) }
  })
  const { http, wires, close } = await start(framework, host, { keys })
  after(close)
  for (const wire of wires) {
    describe(`${host} over ${wire.name}`, () => {
      for (const { name, cases } of groups) {
        describe(name, () => {
          for (const one of cases.filter((candidate) => suits(candidate, wire))) {
            const difference = differenceOn(one, wire)
            const name = difference ? `${one.name} (differs: ${difference.why})` : one.name
            test(name, () => compareCase(one, framework, http, wire))
          }
        })
      }
    })
  }
}
