// Each package that `esm.mjs` does not use, and the two commands.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSleuth, serve } from '@sleuth/core'
import honoSleuth from '@sleuth/hono'
import { SLEUTH, SleuthModule } from '@sleuth/nest'
import { SleuthClient, SleuthServer } from '@sleuth/nest/microservices'
import nodeSleuth from '@sleuth/node'
import { observe, SleuthInstrumentation } from '@sleuth/otel'
import { createTestNetwork } from '@sleuth/testing'
import { createNode } from '@sleuth/zre'
import { generateKeys } from '@sleuth/zre/keys'
import { Hono } from 'hono'
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'

assert.deepEqual([typeof createNode, typeof observe, typeof SleuthInstrumentation], Array(3).fill('function'))
assert.equal(generateKeys().publicKey.length, 40)

const network = createTestNetwork()
const hono = new Hono()
const honoJoin = honoSleuth({ service: 'hono-service', network }, hono)
hono.use(honoJoin)
hono.get('/', (c) => c.text('hono'))
await honoJoin.ready

const server = createServer((_req, res) => res.end('node'))
const nodeJoin = nodeSleuth(server, { service: 'node-service', network })
await nodeJoin.ready

const fetchHandler = await createSleuth({
  service: 'fetch',
  network,
  handler: serve(() => new Response('fetch')),
})

const math = new SleuthServer({ service: 'math', network })
math.addHandler('sum', async (data) => data.reduce((sum, value) => sum + value))
await new Promise((resolve, reject) => math.listen((error) => (error ? reject(error) : resolve())))
const client = new SleuthClient({ service: 'math', network, waitFor: true, timeout: 10_000 })

class App {}
Module({ imports: [SleuthModule.forRoot({ network, timeout: 10_000 })] })(App)
const nest = await NestFactory.createApplicationContext(App, { logger: false })
const sleuth = nest.get(SLEUTH)
await sleuth.waitFor(['hono-service', 'node-service', 'fetch', 'math'], 10_000)
const services = ['hono-service', 'node-service', 'fetch']
const answers = await Promise.all(services.map(async (name) => (await sleuth.do(`sleuth://${name}/`)).text()))
const sum = await new Promise((resolve, reject) => {
  client.send('sum', [1, 2]).subscribe({ next: resolve, error: reject })
})
console.log(answers.join(' '), sum)

await client.close()
await math.close()
await nest.close()
await fetchHandler.close()
await nodeJoin.close()
await honoJoin.close()
await network.close()

const npx = (...args) => execFileSync('npx', ['--no-install', ...args], { encoding: 'utf8' })
console.log(npx('sleuth', '--version').trim())
npx('create-sleuth', 'made-service', '--framework', 'fastify', '--typescript')
assert.ok(existsSync('made-service/package.json'))
