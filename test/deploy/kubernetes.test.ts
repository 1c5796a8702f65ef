import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Any, filesIn, folder, readYaml, root } from './manifests.js'

const objects = filesIn('kubernetes').flatMap(readYaml)
const ofKind = (kind: string) => objects.filter((object) => object.kind === kind)
const named = (kind: string, name: string) => ofKind(kind).find(({ metadata }) => metadata.name === name)
const deployments = ofKind('Deployment')

/** Where the types of each kind are. */
const modules: Record<string, string> = {
  Service: 'core/v1',
  ConfigMap: 'core/v1',
  Deployment: 'apps/v1',
  NetworkPolicy: 'networking.k8s.io/v1',
}

test('every object has the fields of its kind and no others', () => {
  const build = join(root, 'test/build/deploy/kubernetes')
  rmSync(build, { recursive: true, force: true })
  mkdirSync(build, { recursive: true })
  const checks = objects.map((object, at) => {
    const module = modules[object.kind]
    assert.ok(module, object.kind)
    assert.equal(object.apiVersion, module.replace('core/', ''))
    const type = `import('kubernetes-types/${module.replace('.k8s.io', '')}').${object.kind}`
    return `export const object${at}: ${type} = ${JSON.stringify(object, null, 2)}`
  })
  writeFileSync(join(build, 'objects.ts'), checks.join('\n'))
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
  }
  writeFileSync(join(build, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*'] }))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  try {
    execFileSync(process.execPath, [tsc, '-p', build], { encoding: 'utf8' })
  } catch (error) {
    assert.fail((error as { stdout: string }).stdout)
  }
})

test('no two objects of a kind have one name', () => {
  const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
  assert.equal(new Set(names).size, names.length)
})

test('every selector selects the pods of a Deployment', () => {
  for (const { metadata, spec } of deployments) {
    assert.ok(matches(spec.selector.matchLabels, spec.template.metadata.labels), metadata.name)
  }
  const selectors = [
    ...ofKind('Service').map(({ spec }) => spec.selector),
    ...ofKind('NetworkPolicy').map(({ spec }) => spec.podSelector.matchLabels),
  ]
  for (const selector of selectors) {
    const selected = deployments.filter(({ spec }) => matches(selector, spec.template.metadata.labels))
    assert.notEqual(selected.length, 0, JSON.stringify(selector))
  }
})

test('the seed is a headless Service, which has the address of a pod before it is ready', () => {
  const { data } = named('ConfigMap', 'sleuth')
  const [, host = '', port = ''] = /^dns:\/\/([\w-]+):(\d+)$/.exec(data.SLEUTH_SEEDS) ?? []
  const { spec } = named('Service', host)
  assert.equal(spec.clusterIP, 'None')
  assert.equal(spec.publishNotReadyAddresses, true)
  assert.equal(data.SLEUTH_LISTEN, port)
  assert.equal(String(spec.ports[0].port), port)
})

test('every pod has the seeds and the port, and is a member for the NetworkPolicy', () => {
  const { data } = named('ConfigMap', 'sleuth')
  const { podSelector } = named('NetworkPolicy', 'sleuth').spec
  for (const { spec } of deployments) {
    assert.ok(matches(podSelector.matchLabels, spec.template.metadata.labels))
    for (const container of spec.template.spec.containers) {
      assert.deepEqual(container.envFrom, [{ configMapRef: { name: 'sleuth' } }])
      assert.equal(String(portNamed(container, 'sleuth')), data.SLEUTH_LISTEN)
    }
  }
})

test('the NetworkPolicy lets the pods reach each other, DNS and HTTP, and nothing else', () => {
  const { spec } = named('NetworkPolicy', 'sleuth')
  const members = [{ podSelector: spec.podSelector }]
  const ports = [
    { port: Number(named('ConfigMap', 'sleuth').data.SLEUTH_LISTEN), protocol: 'TCP' },
    // From which Linux takes the ports that a program leaves to it.
    { port: 32_768, endPort: 60_999, protocol: 'TCP' },
  ]
  assert.deepEqual(spec.ingress[0], { from: members, ports })
  assert.deepEqual(spec.egress[0], { to: members, ports })
  const web = deployments.find(({ metadata }) => metadata.name === 'web').spec.template.spec.containers[0]
  assert.deepEqual(spec.ingress.slice(1), [{ ports: [{ port: portNamed(web, 'http'), protocol: 'TCP' }] }])
  assert.deepEqual(
    spec.egress.slice(1).flatMap((rule: Any) => rule.ports.map(({ port }: Any) => port)),
    [53, 53],
  )
})

for (const { metadata, spec } of deployments) {
  const pod = spec.template.spec
  const [container] = pod.containers

  test(`${metadata.name} runs a program of the image, and its ports have the names that others use`, () => {
    assert.ok(existsSync(join(folder, 'app', container.command.at(-1))))
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      assert.equal(portNamed(container, container[probe].httpGet.port), 8080)
    }
    for (const service of ofKind('Service')) {
      if (!matches(service.spec.selector, spec.template.metadata.labels)) continue
      for (const { targetPort } of service.spec.ports) assert.ok(portNamed(container, targetPort))
    }
  })

  test(`${metadata.name} has no rights that it does not need`, () => {
    assert.equal(pod.securityContext.runAsNonRoot, true)
    assert.equal(pod.automountServiceAccountToken, false)
    assert.deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  })

  test(`${metadata.name} has more time to stop than it takes`, () => {
    const pause = container.env.find(({ name }: Any) => name === 'STOP_PAUSE').value
    assert.ok(pod.terminationGracePeriodSeconds * 1000 > Number(pause) + 2 * 5_000)
  })
}

function matches(selector: Record<string, string>, labels: Record<string, string>): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}

function portNamed(container: Any, name: string): number | undefined {
  return container.ports.find((port: Any) => port.name === name)?.containerPort
}
