import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { type Any, folder, readYaml, root } from './manifests.js'

const files = ['compose/compose.yaml', 'compose-host/compose.yaml', 'swarm/stack.yaml']
const withGo = 'compose-go/compose.yaml'

for (const file of [...files, withGo]) {
  const [compose] = readYaml(file)
  const services: [string, Any][] = Object.entries(compose.services)

  test(`${file}: every service stops gracefully, and has no rights that it does not need`, () => {
    for (const [name, service] of services) {
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.equal(service.read_only, true, name)
      assert.ok(Number.parseInt(service.stop_grace_period, 10) > 5, name)
    }
  })

  test(`${file}: a network is named where it is used, and SLEUTH_INTERFACE is its subnet`, () => {
    for (const [name, { networks = [], environment = {} }] of services) {
      const subnets = networks.map((network: string) => compose.networks[network].ipam.config[0].subnet)
      if (environment.SLEUTH_INTERFACE !== undefined || file !== withGo) {
        assert.equal(environment.SLEUTH_INTERFACE, subnets[0], name)
      }
    }
  })
}

test('every service runs a program of the image', () => {
  for (const file of files) {
    const [{ services }] = readYaml(file)
    for (const [name, { command }] of Object.entries<Any>(services)) {
      assert.deepEqual(command, ['node', `${name}.js`])
      assert.ok(existsSync(join(folder, 'app', `${name}.js`)), name)
    }
  }
})

test('beside Go every service runs a program that there is', () => {
  const [{ services }] = readYaml(withGo)
  const go = readFileSync(join(folder, 'compose-go/go.Dockerfile'), 'utf8')
  for (const [name, { command }] of Object.entries<Any>(services)) {
    const [program, first] = command
    if (program === 'node') assert.ok(existsSync(join(root, first)), name)
    else assert.ok(go.includes(`/usr/local/bin/${program}\n`), name)
  }
  assert.equal(services['echo-service'].command.at(-1), services['article-service'].environment.SLEUTH_PORT)
})

test('what is built from the repository names its Dockerfile', () => {
  for (const file of [...files, withGo]) {
    const [{ services }] = readYaml(file)
    for (const { build } of Object.values<Any>(services)) {
      if (build === undefined) continue
      assert.equal(resolve(folder, file, '..', build.context), resolve(root))
      assert.ok(existsSync(join(root, build.dockerfile)))
    }
  }
})

test('the tasks of a Swarm look for a service of the stack, at the port where all listen', () => {
  const [stack] = readYaml('swarm/stack.yaml')
  for (const { environment } of Object.values<Any>(stack.services)) {
    const [, host = '', port] = /^dns:\/\/tasks\.(\w+):(\d+)$/.exec(environment.SLEUTH_SEEDS) ?? []
    assert.ok(stack.services[host])
    assert.equal(environment.SLEUTH_LISTEN, port)
  }
})

test('the Dockerfiles copy what is there', () => {
  const dockerfiles = ['app/Dockerfile', 'compose-go/go.Dockerfile'].map((file) =>
    readFileSync(join(folder, file), 'utf8'),
  )
  const copied = [...dockerfiles.join('\n').matchAll(/^COPY (examples\S+) /gm)].map(([, path = '']) => path)
  assert.equal(copied.length, 4)
  for (const path of copied) assert.ok(existsSync(join(root, path.replace('*.js', 'hello.js'))), path)
})
