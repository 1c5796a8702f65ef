import { after, describe, test } from 'node:test'
import { contract } from '../cases/index.js'
import type { Framework } from './case.js'
import { type Host, start } from './framework.js'
import { compareCase, differenceOn, suits } from './run.js'

/**
 * Registers the contract of one framework with `node:test`: every case, over every wire, against real HTTP. Another host, or an
 * older version of the framework, has not the cases `without`, for what it does in another way.
 */
export async function suite(
  framework: Framework,
  without: readonly string[] = [],
  host: Host = framework,
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
            test(name, () => compareCase(one, framework, http, wire))
          }
        })
      }
    })
  }
}
