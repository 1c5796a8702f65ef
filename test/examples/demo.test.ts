import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { root } from '../package/workspace.js'
import { ports } from './ports.js'
import { Program } from './program.js'

test('the demo shows services that find and call each other, and ends by itself', async (t) => {
  const demo = new Program(['examples/demo/demo.js'], ports.demo)
  t.after(() => demo.kill())
  assert.equal(await demo.ends(), 0, demo.output)

  for (const [service, framework] of [
    ['article-service', 'Fastify'],
    ['comment-service', 'Express'],
    ['author-service', 'Koa'],
  ]) {
    assert.match(
      demo.output,
      new RegExp(`\\d+ ms  ${service} +${framework} +pid \\d+ +http://127.0.0.1:\\d+`),
    )
    assert.match(demo.output, new RegExp(`\\d+ ms  ${service} +found +after \\d+ ms +tcp://127.0.0.1:\\d+`))
  }
  assert.match(demo.output, /article-service +200 +in [\d.]+ ms/)
  assert.match(demo.output, /by Ursula Brown +author-service, Koa/)
  assert.match(demo.output, /Baloo: .* comment-service, Express/)
  const [taking, alone] = [...demo.output.matchAll(/6 calls +answered +by pid +(.+)/g)].map(pidsOf)
  assert.equal(new Set(taking).size, 2)
  assert.deepEqual(taking, [...(taking?.slice(2) ?? []), ...(taking?.slice(0, 2) ?? [])], 'they take turns')
  assert.equal(new Set(alone).size, 1)
  assert.match(demo.output, /code 919 +SLEUTH_UNKNOWN_SERVICE/)
  assert.ok(!demo.output.includes('\u001b'), 'no colours where there is no terminal')
})

test('with --stay the demo goes on until Ctrl-C, and others may join in', async (t) => {
  const demo = new Program(['examples/demo/demo.js', '--stay'], ports.stay)
  t.after(() => demo.kill())
  const [, url = ''] = await demo.prints(/curl '(\S+\/articles\/1)'/)
  const [, map = ''] = await demo.prints(/see it in a browser.*\n +(http:\S+)\n/)
  assert.match(await (await fetch(map)).text(), /Services on this network/)
  const [, variables = ''] = await demo.prints(/(SLEUTH_INTERFACE=\S+ SLEUTH_PORT=\S+) npx sleuth ls\n/)
  const env = { ...process.env, ...Object.fromEntries(variables.split(' ').map((set) => set.split('='))) }
  const { stdout: list } = await promisify(execFile)('npx', ['--no', 'sleuth', 'ls'], { cwd: root, env })
  for (const service of ['article-service', 'comment-service', 'author-service'])
    assert.match(list, new RegExp(`^${service} `, 'm'))
  await demo.prints(/What happens on the network\n/)
  const page = await (await fetch(url)).text()
  assert.match(page, /"title":"A sleuth is a group of bears"/)

  const other = new Program(['examples/articles/comment-service.js'], ports.stay)
  t.after(() => other.kill())
  await demo.prints(/network\n.*comment-service +found/s)
  assert.equal(await other.stop(), 0)
  await demo.prints(/network\n.*comment-service +left/s)
  assert.equal(await demo.stop('SIGINT'), 0)
  await assert.rejects(fetch(map))
  await assert.rejects(fetch(url), 'the services have ended with it')
})

test('a demo that fails says why', async (t) => {
  const demo = new Program(['examples/demo/demo.js'], 0)
  t.after(() => demo.kill())
  assert.equal(await demo.ends(), 1)
  assert.match(demo.output, /The demo failed: \S+-service ended with 1 before it was up/)
})

function pidsOf(match: RegExpExecArray): string[] {
  return match[1]?.trim().split(' ') ?? []
}
