import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { createSleuth, generateKeys, SleuthError, type SleuthOptions } from '@sleuth/core'
import { type Any, filesIn, folder, readEnvironment, readYaml } from './manifests.js'

/** What each example sets, by the file and the part of it. */
const environments = new Map<string, Record<string, string>>([
  ...['compose/compose.yaml', 'compose-host/compose.yaml', 'swarm/stack.yaml'].flatMap(ofServices),
  ...filesIn('kubernetes').flatMap(ofPods),
  ...['systemd', 'tailscale', 'sites']
    .flatMap(filesIn)
    .filter((file) => file.endsWith('.env'))
    .map((file): [string, Record<string, string>] => [file, readEnvironment(file)]),
])

/** What the app of the examples reads itself. */
const ofApp =
  readFileSync(join(folder, 'app/options.js'), 'utf8') + readFileSync(join(folder, 'app/serve.js'), 'utf8')
const ofLibrary = new Set(
  [...environments.values()]
    .flatMap(Object.keys)
    .filter((name) => !new RegExp(`\\b${name}\\b`).test(ofApp.replace(/\/\*.*?\*\//gs, ''))),
)

const before = { ...process.env }
afterEach(() => {
  for (const name of [...ofLibrary, 'ZSYS_INTERFACE']) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

test('the examples set something', () => {
  assert.ok(environments.size >= 10, `${environments.size}`)
  assert.ok(ofLibrary.has('SLEUTH_SEEDS') && ofLibrary.has('SLEUTH_INTERFACE'))
})

for (const name of ofLibrary) {
  test(`the library reads ${name}: it refuses nonsense there`, async () => {
    process.env[name] = 'no such thing'
    // Should the library not read the variable, the node is on loopback all the same.
    process.env.ZSYS_INTERFACE = 'loopback'
    await assert.rejects(start(name === 'SLEUTH_INTERFACE' ? {} : { interface: 'loopback' }), SleuthError)
  })
}

for (const [where, environment] of environments) {
  test(`the library takes what ${where} sets`, async () => {
    const keys = generateKeys()
    for (const [name, value] of Object.entries(environment)) {
      // A key may contain `$&`, which would stand for what is replaced.
      if (ofLibrary.has(name)) process.env[name] = value.replace(/\(public key[^)]*\)/, () => keys.publicKey)
    }
    const closed = environment.SLEUTH_ALLOW !== undefined
    const security = closed ? { security: { ...keys, allow: [keys.publicKey] } } : {}
    // The interface is looked for after all options have been checked. No interface can have so long a name, so nothing is sent.
    await assert.rejects(start({ interface: 'longer-than-any-interface', ...security }), {
      code: 'SLEUTH_INTERFACE',
    })
  })
}

async function start(options: SleuthOptions): Promise<void> {
  const sleuth = await createSleuth({ port: 23_018, ...options })
  await sleuth.close()
}

function ofServices(file: string): [string, Record<string, string>][] {
  const services = Object.entries<Any>(readYaml(file)[0].services)
  return services.map(([name, { environment = {} }]) => [`${file}, ${name}`, environment])
}

function ofPods(file: string): [string, Record<string, string>][] {
  return readYaml(file)
    .filter(({ kind }) => kind === 'ConfigMap' || kind === 'Deployment')
    .map(({ kind, data, metadata, spec }) => [
      `${file}, ${kind} ${metadata.name}`,
      data ??
        Object.fromEntries(spec.template.spec.containers[0].env.map(({ name, value }: Any) => [name, value])),
    ])
}
