import { parseSeedLines, readSeedFile, type Seed } from '@sleuth/zre/diagnostics'
import { type Check, count, type Finding, fail, ok, some, warn } from '../check.js'
import type { Context } from '../context.js'
import { whyUnreachable } from '../endpoint.js'
import { mapLimited } from '../limited.js'

type Needs = Pick<Context, 'settings' | 'probes' | 'network'>
type LineSeed = Exclude<Seed, { kind: 'file' }>

const SEEDS_AT_A_TIME = 2
/** Endpoints of one seed that are looked at: a name may have very many. */
const MAX_LOOKED_AT = 16

/** Whether each seed can be looked up, and somebody answers there. */
export const seeds: Check = {
  name: 'seeds',
  async run(context: Needs): Promise<Finding[]> {
    const given = context.settings.discovery?.seeds ?? []
    const lists = await mapLimited(given, SEEDS_AT_A_TIME, (seed) => look(seed, context))
    return lists.flat()
  },
}

async function look(seed: Seed, context: Needs): Promise<Finding[]> {
  if (seed.kind !== 'file') return lookUp(seed, context)
  try {
    const { seeds: lines, faults } = parseSeedLines(await readSeedFile(seed.path))
    const wrong = faults.map(({ line, problem }) =>
      fail(`seed ${seed.text}: line ${line} ${problem}`, 'Correct the line.'),
    )
    if (lines.length === 0)
      wrong.push(
        warn(
          `seed ${seed.text}: the file has no seeds`,
          'Write a seed into each line, such as tcp://10.0.0.5:5670.',
        ),
      )
    return [...wrong, ...(await mapLimited(lines, SEEDS_AT_A_TIME, (line) => lookUp(line, context))).flat()]
  } catch (error) {
    return [
      fail(
        `seed ${seed.text}: the file can't be read: ${(error as Error).message}`,
        'Correct its path or its permissions.',
      ),
    ]
  }
}

async function lookUp(seed: LineSeed, { settings, probes, network }: Needs): Promise<Finding[]> {
  const name = `seed ${seed.text.replace(/#.*/s, '')}`
  let places: Awaited<ReturnType<typeof probes.resolve>>
  try {
    places = await probes.resolve(seed)
  } catch (error) {
    return [
      fail(
        `${name} can't be looked up: ${(error as Error).message}`,
        'Look at the resolver of this machine (/etc/resolv.conf), or whether the DNS server answers.',
      ),
    ]
  }
  if (places.length === 0) {
    return [
      fail(
        `${name}: there is no such name`,
        'Correct the name; in Swarm it is tasks.<service>, in Kubernetes that of a headless Service whose pods are there.',
      ),
    ]
  }
  const own = network instanceof Error ? undefined : network.address
  const looked = places.slice(0, MAX_LOOKED_AT)
  const results = await Promise.all(
    looked.map(async ({ endpoint, address, key }) => {
      if (await probes.shakeHands(endpoint, key)) return undefined
      // A name may have our own address among others, where this process does not listen.
      if (address === own && looked.length > 1) return undefined
      return whyUnreachable(`${name} (${endpoint})`, endpoint, settings.keys !== undefined, probes)
    }),
  )
  const problems = results.filter((result) => result !== undefined)
  const answering = results.length - problems.length
  if (answering === 0) return problems
  const all = ok(
    `${name} leads to ${count(answering, 'node')} that answer${answering === 1 ? 's' : ''}: ${some(looked.filter((_, at) => results[at] === undefined).map(({ endpoint }) => endpoint))}`,
  )
  // One that answers is enough: it tells of the others.
  return [all, ...problems.map(({ text, remedy = '' }) => warn(text, remedy))]
}
