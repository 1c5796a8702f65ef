import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { freePort } from '../hosts/port.js'
import { root } from '../package/workspace.js'

const run = promisify(execFile)
const bin = join(root, 'packages/create-sleuth/dist/bin.js')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
/** Within the tests' own build, so that packages are found from there. */
const folder = join(root, 'test/build/create/projects')

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
after(() => rmSync(folder, { recursive: true, force: true }))

/** This process runs as a test: what it starts would report to it. */
const env: NodeJS.ProcessEnv = { ...process.env, SLEUTH_INTERFACE: 'loopback' }
delete env.NODE_TEST_CONTEXT

for (const framework of ['fastify', 'express', 'koa', 'hono']) {
  for (const language of ['typescript', 'javascript']) {
    test(`a service with ${framework} in ${language} passes its test`, { timeout: 120_000 }, async () => {
      const name = `${framework}-${language}`
      await run(process.execPath, [bin, name, '--framework', framework, `--${language}`], {
        cwd: folder,
        env,
      })
      const cwd = join(folder, name)
      const { dependencies } = JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8'))
      assert.match(dependencies[`@sleuth/${framework}`], /^\^\d+\.\d+\.\d+$/)
      if (language === 'typescript') await run(process.execPath, [tsc], { cwd, env })
      const tests = language === 'typescript' ? ['dist/test/app.test.js'] : ['test/app.test.js']
      const { stdout } = await run(process.execPath, ['--test', ...tests], { cwd, env })
      assert.match(stdout, /pass 1\n/)
      assert.match(stdout, /fail 0\n/)
    })
  }
}

for (const framework of ['fastify', 'express', 'koa', 'hono']) {
  test(`a service with ${framework} ends with an error if its HTTP port is taken`, {
    timeout: 60_000,
  }, async () => {
    const taken = createServer().listen(0)
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    const own = { ...env, PORT: String(port), SLEUTH_PORT: String(await freePort()) }
    const ran = run(process.execPath, ['src/main.js'], {
      cwd: join(folder, `${framework}-javascript`),
      env: own,
    })
    await assert.rejects(ran, (error: { code: number; stdout: string; stderr: string }) => {
      assert.equal(error.code, 1)
      assert.match(error.stderr, /EADDRINUSE/)
      assert.doesNotMatch(error.stdout, /is up/)
      return true
    })
    taken.close()
  })
}

test('what is there already stays as it is', async () => {
  const failed = await run(
    process.execPath,
    [bin, 'fastify-javascript', '--framework', 'koa', '--javascript'],
    {
      cwd: folder,
      env,
    },
  ).catch((error) => error)
  assert.equal(failed.code, 2)
  assert.match(failed.stderr, /there is something named "fastify-javascript" here already/)
})
